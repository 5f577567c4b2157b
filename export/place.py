"""Where an export works: one hidden directory beside its output.

An export writes there until its bundle is complete: the bundle's files and the candidate graphs,
each as large as the bundle. The directory is on the output's disk, so a full disk is one that the
user has named. A killed export leaves it unlocked, and the next export beside it removes it.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from burnish.directory import is_full_disk, restore_replaced
from burnish.errors import BurnishError, RunError, UsageError
from burnish.lock import owned

__all__ = ["check_outside_runs", "export_place"]

_SUFFIX = ".exporting"
_MIB = 2**20


def check_outside_runs(output: Path) -> None:
    """Refuse to write a bundle into a run, whose files are verified and replaced together.

    Raises:
        UsageError: names the run.
    """
    for place in output.resolve().parents:
        if (place / "record.json").is_file() and (place / "recipe.yaml").is_file():
            raise UsageError(
                f"{output} is inside the run {place}, which holds only what training left",
                f"choose an output beside it, such as {place.parent / 'bundles' / place.name}",
            )


@contextmanager
def export_place(output: Path) -> Iterator[Path]:
    """Make the directory to work in, for the block. Temporary files go there too.

    Raises:
        RunError: another export writes the same output.
        BurnishError: the disk is full.
    """
    output = Path(os.path.abspath(output))
    with _full_disk_is_named(output.parent):
        output.parent.mkdir(parents=True, exist_ok=True)
        _clear_left(output.parent)
        place = output.parent / f".{output.name}{_SUFFIX}"
        with owned(place, by="export"):
            try:
                with _temporary_files_in(place):
                    yield place
            finally:
                shutil.rmtree(place, ignore_errors=True)


def _clear_left(parent: Path) -> None:
    """Remove what killed exports left, and put back a bundle that one was replacing."""
    for place in parent.glob(f".*{_SUFFIX}"):
        with suppress(RunError, OSError), owned(place, by="export"):
            restore_replaced(parent / place.name.removesuffix(_SUFFIX)[1:], within=place)
            shutil.rmtree(place)


@contextmanager
def _temporary_files_in(place: Path) -> Iterator[None]:
    """Have libraries write their temporary files there, so that they are removed with it."""
    before = tempfile.tempdir
    tempfile.tempdir = str(place)
    try:
        yield
    finally:
        tempfile.tempdir = before


@contextmanager
def _full_disk_is_named(place: Path) -> Iterator[None]:
    try:
        yield
    except BurnishError:
        raise
    except Exception as error:
        if not is_full_disk(error, place):
            raise
        free = shutil.disk_usage(place).free
        raise BurnishError(
            f"{place}: the disk that holds it is full ({free / _MIB:.0f} MiB free): the bundle was "
            "not written, and its partial files were removed",
            "free some space there (an export needs several times the size of the model's "
            "weights), or choose an output on another disk",
        ) from error
