"""The date of a release, and the files that it is built from."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from release.source import (
    FOLDERS,
    ROOT,
    WITHOUT_GIT,
    ReleaseError,
    copy_source,
    source_date_epoch,
)
from tests.release.conftest import copy_checkout

COMMITTED = 1_750_000_000


@pytest.fixture(autouse=True)
def without_the_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)


def git(root: Path, *arguments: str) -> None:
    date = f"{COMMITTED} +0000"
    names = ("GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL")
    dates = {"GIT_COMMITTER_DATE": date, "GIT_AUTHOR_DATE": date}
    environment = os.environ | dict.fromkeys(names, "somebody") | dates
    subprocess.run(["git", "-C", str(root), *arguments], check=True, env=environment)


@pytest.fixture
def committed(small_checkout: Path, tmp_path: Path) -> Path:
    root = copy_checkout(small_checkout, tmp_path / "committed")
    git(root, "init", "--quiet")
    (root / ".gitignore").write_text("*.pyc\n")
    git(root, "add", ".")
    git(root, "commit", "--quiet", "-m", "all")
    return root


def test_the_date_is_the_commits(committed: Path) -> None:
    assert source_date_epoch(committed) == COMMITTED


def test_without_git_the_date_is_the_earliest_of_a_zip(small_checkout: Path) -> None:
    assert source_date_epoch(small_checkout) == WITHOUT_GIT


@pytest.mark.parametrize(("given", "date"), [("1700000000", 1_700_000_000), ("5", WITHOUT_GIT)])
def test_the_variable_goes_before_git(committed: Path, monkeypatch, given: str, date: int) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", given)
    assert source_date_epoch(committed) == date


@pytest.mark.parametrize("given", ["yesterday", "-1", "1.5", "4294967296", "١٢٣"])
def test_another_word_than_a_number_is_refused(monkeypatch, given: str) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", given)
    with pytest.raises(ReleaseError, match="is not a time in seconds since 1970"):
        source_date_epoch()


@pytest.mark.parametrize("name", ["burnish/__init__.py", "training/new.py", "README.md"])
def test_what_is_not_committed_has_no_date(committed: Path, name: str) -> None:
    (committed / name).write_text("changed = 1\n")
    with pytest.raises(ReleaseError, match=f"1 file is not committed: {name}"):
        source_date_epoch(committed)


def test_what_is_not_in_the_release_may_be_changed(committed: Path) -> None:
    (committed / "constraints.txt").write_text("other\n")
    assert source_date_epoch(committed) == COMMITTED


def test_the_source_is_what_git_knows_or_would_add(committed: Path, tmp_path: Path) -> None:
    (committed / "training" / "new.py").write_text("")
    (committed / "training" / "old.pyc").write_text("")
    (committed / "export" / "__init__.py").unlink()
    copy_source(tmp_path / "copy", committed)
    names = {path.relative_to(tmp_path / "copy").as_posix() for path in files(tmp_path / "copy")}
    kept = {f"{folder}/__init__.py" for folder in FOLDERS if folder != "export"}
    assert names == kept | {"training/new.py", "pyproject.toml", "README.md", "LICENSE"}


def test_with_and_without_git_the_source_is_the_same(tmp_path: Path) -> None:
    copy_source(tmp_path / "git")
    copy_source(tmp_path / "plain", tmp_path / "git")  # the copy has no .git
    assert {p.relative_to(tmp_path / "git") for p in files(tmp_path / "git")} == {
        p.relative_to(tmp_path / "plain") for p in files(tmp_path / "plain")
    }
    assert (tmp_path / "git" / "burnish" / "py.typed").exists()


def test_a_checkout_that_git_refuses_is_named(small_checkout: Path, tmp_path: Path) -> None:
    root = copy_checkout(small_checkout, tmp_path / "broken")
    (root / ".git").mkdir()
    with pytest.raises(ReleaseError, match="git status failed: fatal: not a git repository"):
        source_date_epoch(root)


def test_the_repository_lies_where_the_program_looks() -> None:
    assert (ROOT / "pyproject.toml").is_file()


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]
