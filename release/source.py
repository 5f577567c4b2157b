"""The source of a release, and its date: the same wherever and by whomever the release is built."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from burnish.errors import BurnishError
from burnish.plural import plural

__all__ = ["FOLDERS", "ROOT", "WITHOUT_GIT", "ReleaseError", "copy_source", "source_date_epoch"]

ROOT = Path(__file__).parents[1]
FOLDERS = ("burnish", "training", "export", "service", "torch_models")
"""What the wheel holds."""
FILES = ("pyproject.toml", "README.md", "LICENSE")
"""What it is built with."""
WITHOUT_GIT = 315532800
"""The date of a release that is built outside git: 1980-01-01, the earliest that a zip can hold."""
_VARIABLE = "SOURCE_DATE_EPOCH"
_SHOWN = 3


class ReleaseError(BurnishError):
    """A release or a kit cannot be built or is not as it was built; the message says why."""


def source_date_epoch(root: Path = ROOT) -> int:
    """The date that everything in a release has, in seconds since 1970 (UTC).

    It is ``SOURCE_DATE_EPOCH`` (https://reproducible-builds.org/specs/source-date-epoch/) if that
    is set, else the time of the commit that is checked out, else `WITHOUT_GIT`.

    Raises:
        ReleaseError: the variable is not a whole number, or the commit's time would not be true:
            what would be built was changed since.
    """
    if given := os.environ.get(_VARIABLE, ""):
        if not (given.isascii() and given.isdigit() and int(given) < 2**32):
            raise ReleaseError(
                f"{_VARIABLE} is {given!r}, which is not a time in seconds since 1970",
                f"{_VARIABLE}=$(git log -1 --format=%ct), or leave it unset",
            )
        return max(int(given), WITHOUT_GIT)
    if not _in_git(root):
        return WITHOUT_GIT
    changed = _git(root, "status", "--porcelain", "--", *FOLDERS, *FILES).splitlines()
    if changed:
        shown = ", ".join(line[3:] for line in changed[:_SHOWN])
        raise ReleaseError(
            plural(len(changed), "# [file is|files are] not committed: ")
            + shown
            + (", …" if len(changed) > _SHOWN else ""),
            f"commit, or set {_VARIABLE}: the commit's time would not be true of this release",
        )
    return int(_git(root, "log", "-1", "--format=%ct"))


def copy_source(target: Path, root: Path = ROOT) -> None:
    """Copy what a release is built from, each file with the mode 0644.

    In a git checkout those are the files that git knows or would add; outside it, every file.

    Args:
        target: a new directory.
        root: the checkout.
    """
    names = (
        _git(root, "ls-files", "-z", "-co", "--exclude-standard", "--", *FOLDERS, *FILES)
        if _in_git(root)
        else "\0".join(_walked(root))
    )
    for name in sorted(filter(None, names.split("\0"))):
        if (root / name).is_file():  # git lists what was deleted and is not committed
            copy = target / name
            copy.parent.mkdir(parents=True, exist_ok=True, mode=0o755)
            shutil.copyfile(root / name, copy)
            copy.chmod(0o644)


def _walked(root: Path) -> Sequence[str]:
    paths = [path for folder in FOLDERS for path in (root / folder).rglob("*") if path.is_file()]
    inside = [path.relative_to(root) for path in paths if path.suffix != ".pyc"]
    return [*(path.as_posix() for path in inside), *FILES]


def _in_git(root: Path) -> bool:
    return (root / ".git").exists()


def _git(root: Path, *arguments: str) -> str:
    """What git prints.

    Raises:
        ReleaseError: there is no git, or it refuses.
    """
    command = ["git", "-C", str(root), *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        raise ReleaseError(f"{root} is a git checkout, and git is not installed") from error
    if done.returncode != 0:
        raise ReleaseError(f"git {arguments[0]} failed: {done.stderr.strip()}")
    return done.stdout
