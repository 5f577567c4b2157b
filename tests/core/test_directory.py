"""A directory under its final name is complete, and nothing else is left."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

import pytest

from burnish.directory import (
    check_free,
    is_full_disk,
    restore_replaced,
    staged_directory,
    write_synced,
)
from burnish.errors import UsageError
from tests.disk import Disk


def _names(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


def test_the_final_name_appears_when_the_block_ends(tmp_path) -> None:
    final = tmp_path / "deep" / "run"
    with staged_directory(final, marker="mark") as staging:
        (staging / "a").write_text("x")
        assert not final.exists()
        assert staging.parent == final.parent
    assert _names(final.parent) == ["run"]
    assert (final / "a").read_text() == "x"


def _write_and_fail(staging: Path, error: type[BaseException]) -> None:
    (staging / "a").write_text("x")
    raise error


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_a_failure_leaves_nothing(tmp_path, error) -> None:
    with pytest.raises(error), staged_directory(tmp_path / "run", marker="mark") as staging:
        _write_and_fail(staging, error)
    assert _names(tmp_path) == []


def test_a_directory_that_holds_something_is_refused(tmp_path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "mine").write_text("x")
    with (
        pytest.raises(UsageError, match="not empty"),
        staged_directory(tmp_path / "run", marker="mark"),
    ):
        pass
    assert _names(tmp_path / "run") == ["mine"]


def test_an_empty_directory_is_taken(tmp_path) -> None:
    (tmp_path / "run").mkdir()
    with staged_directory(tmp_path / "run", marker="mark") as staging:
        (staging / "a").write_text("x")
    assert _names(tmp_path / "run") == ["a"]


def test_a_file_in_the_way_is_refused(tmp_path) -> None:
    (tmp_path / "run").write_text("x")
    with pytest.raises(UsageError, match="is a file"):
        check_free(tmp_path / "run", marker="mark", replace=True)


@pytest.mark.parametrize("leads_to", ["empty", "older", "nothing"])
@pytest.mark.parametrize("replace", [False, True])
def test_a_link_in_the_way_is_refused_before_anything_is_written(
    tmp_path, leads_to, replace
) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "older").mkdir()
    (tmp_path / "older" / "mark").write_text("x")
    final = tmp_path / "current"
    final.symlink_to(leads_to)
    with (
        pytest.raises(UsageError, match="is a link") as caught,
        staged_directory(final, marker="mark", replace=replace),
    ):
        pytest.fail("the block was entered")
    assert str(tmp_path / leads_to) in caught.value.hint
    assert _names(tmp_path) == ["current", "empty", "older"]
    assert _names(tmp_path / "older") == ["mark"]


def test_a_directory_that_cannot_be_moved_leaves_nothing_beside_it(tmp_path, monkeypatch) -> None:
    final = tmp_path / "run"
    final.mkdir()
    (final / "mark").write_text("x")

    def busy(source, target):
        raise OSError(errno.EBUSY, os.strerror(errno.EBUSY), source)

    monkeypatch.setattr(os, "replace", busy)
    with (
        pytest.raises(OSError, match="busy"),
        staged_directory(final, marker="mark", replace=True),
    ):
        pass
    assert _names(tmp_path) == ["run"]


def test_replacing_takes_the_old_one_away(tmp_path) -> None:
    for name in ("old", "new"):
        with staged_directory(tmp_path / "run", marker="mark", replace=True) as staging:
            (staging / name).write_text("x")
            (staging / "mark").write_text("x")
    assert _names(tmp_path / "run") == ["mark", "new"]
    assert _names(tmp_path) == ["run"]


def test_a_failed_replacement_leaves_the_old_one(tmp_path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "mark").write_text("x")
    with pytest.raises(ValueError), staged_directory(tmp_path / "run", marker="mark", replace=True):
        raise ValueError
    assert _names(tmp_path) == ["run"]
    assert _names(tmp_path / "run") == ["mark"]


def test_only_a_directory_of_the_same_kind_is_replaced(tmp_path) -> None:
    final = tmp_path / "thesis"
    (final / "mark").mkdir(parents=True)  # a marker is a file
    for name in ("a.tex", "b.tex", "z"):
        (final / name).write_text("x")
    shown = r"holds no mark.*: a\.tex, b\.tex, mark, …"
    with (
        pytest.raises(UsageError, match=shown) as caught,
        staged_directory(final, marker="mark", replace=True),
    ):
        pytest.fail("the block was entered")
    assert "choose another output" in caught.value.hint
    assert _names(final) == ["a.tex", "b.tex", "mark", "z"]
    assert _names(tmp_path) == ["thesis"]


def test_a_directory_created_meanwhile_is_not_replaced(tmp_path) -> None:
    final = tmp_path / "run"

    def write_meanwhile() -> None:
        with staged_directory(final, marker="mark", replace=True):
            final.mkdir()
            (final / "mine").write_text("x")

    with pytest.raises(UsageError, match="holds no mark"):
        write_meanwhile()
    assert _names(final) == ["mine"]
    assert _names(tmp_path) == ["run"]


def test_replacing_is_offered_only_where_it_is_allowed(tmp_path) -> None:
    (tmp_path / "mine").write_text("x")
    with pytest.raises(UsageError) as other:
        check_free(tmp_path, marker="mark")
    (tmp_path / "mark").write_text("x")
    with pytest.raises(UsageError) as same:
        check_free(tmp_path, marker="mark")
    assert "--replace" not in other.value.hint
    assert "--replace" in same.value.hint


@pytest.mark.parametrize("here", [".", "inner", "inner/most"])
def test_the_working_directory_is_not_replaced(tmp_path, monkeypatch, here) -> None:
    (tmp_path / "mark").write_text("x")
    (tmp_path / here).mkdir(parents=True, exist_ok=True)
    monkeypatch.chdir(tmp_path / here)
    with pytest.raises(UsageError, match="working directory"):
        check_free(tmp_path, marker="mark", replace=True)
    check_free(tmp_path / here / "new", marker="mark", replace=True)


@pytest.mark.parametrize("replace", [False, True])
def test_content_and_name_of_a_directory_are_brought_to_the_disk(
    tmp_path, monkeypatch, replace
) -> None:
    final = tmp_path / "run"
    if replace:
        with staged_directory(final, marker="mark") as staging:
            (staging / "mark").write_text("x")
    disk = Disk.watched(monkeypatch)
    with staged_directory(final, marker="mark", replace=replace) as staging:
        (staging / "inner").mkdir()
        (staging / "inner" / "new").write_text("x")
        (staging / "mark").write_text("x")
    assert disk.renamed[-1] == final
    new = [path for path in disk.unsynced if path != final and final not in path.parents]
    assert new == []
    assert disk.unsynced_names == set()


def test_what_a_killed_process_was_replacing_is_put_back(tmp_path) -> None:
    within, final = tmp_path / "place", tmp_path / "run"
    (within / ".run.old").mkdir(parents=True)
    (within / ".run.old" / "mark").write_text("older")

    restore_replaced(final, within=within)
    assert (final / "mark").read_text() == "older"

    (within / ".run.old").mkdir()
    restore_replaced(final, within=within)
    assert (final / "mark").read_text() == "older"
    assert (within / ".run.old").is_dir()


@pytest.mark.parametrize(
    ("number", "full"),
    [
        (errno.ENOSPC, True),
        (errno.EDQUOT, True),
        (errno.EFBIG, True),
        (errno.EACCES, False),
        (errno.EIO, False),
    ],
)
def test_a_full_disk_is_told_by_its_error(number, full) -> None:
    assert is_full_disk(OSError(number, "x")) == full


def test_a_librarys_own_error_is_a_full_disk_where_nothing_is_free(tmp_path, monkeypatch) -> None:
    assert not is_full_disk(RuntimeError("write failed"))
    assert not is_full_disk(RuntimeError("write failed"), tmp_path)
    usage = type(shutil.disk_usage(tmp_path))(10**9, 10**9, 0)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)

    assert is_full_disk(RuntimeError("write failed"), tmp_path)
    assert not is_full_disk(RuntimeError("write failed"))


def test_content_and_name_of_a_file_are_brought_to_the_disk(tmp_path, monkeypatch) -> None:
    disk = Disk.watched(monkeypatch)
    write_synced(tmp_path / "begun.json", b"{}")
    assert (tmp_path / "begun.json").read_bytes() == b"{}"
    assert disk.renamed == [tmp_path / "begun.json"]
    assert (disk.unsynced, disk.unsynced_names) == ([], set())
