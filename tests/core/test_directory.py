"""A directory under its final name is complete, and nothing else is left."""

from __future__ import annotations

from pathlib import Path

import pytest

from burnish.directory import check_free, staged_directory
from burnish.errors import UsageError


def _names(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


def test_the_final_name_appears_when_the_block_ends(tmp_path) -> None:
    final = tmp_path / "deep" / "run"
    with staged_directory(final) as staging:
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
    with pytest.raises(error), staged_directory(tmp_path / "run") as staging:
        _write_and_fail(staging, error)
    assert _names(tmp_path) == []


def test_a_directory_that_holds_something_is_refused(tmp_path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "mine").write_text("x")
    with pytest.raises(UsageError, match="not empty"), staged_directory(tmp_path / "run"):
        pass
    assert _names(tmp_path / "run") == ["mine"]


def test_an_empty_directory_is_taken(tmp_path) -> None:
    (tmp_path / "run").mkdir()
    with staged_directory(tmp_path / "run") as staging:
        (staging / "a").write_text("x")
    assert _names(tmp_path / "run") == ["a"]


def test_a_file_in_the_way_is_refused(tmp_path) -> None:
    (tmp_path / "run").write_text("x")
    with pytest.raises(UsageError, match="is a file"):
        check_free(tmp_path / "run", replace=True)


def test_replacing_takes_the_old_one_away(tmp_path) -> None:
    for name in ("old", "new"):
        with staged_directory(tmp_path / "run", replace=True) as staging:
            (staging / name).write_text("x")
    assert _names(tmp_path / "run") == ["new"]
    assert _names(tmp_path) == ["run"]


def test_a_failed_replacement_leaves_the_old_one(tmp_path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "old").write_text("x")
    with pytest.raises(ValueError), staged_directory(tmp_path / "run", replace=True):
        raise ValueError
    assert _names(tmp_path) == ["run"]
    assert _names(tmp_path / "run") == ["old"]
