"""The hidden directory beside a run in which it is trained, so that a training can go on.

::

    .tickets.training/
      lock          held by the training; names it
      begun.json    what the training rests on, and how often it was started
      probe/        the linear probe, a snapshot
      seed-13/      a directory a stage: its checkpoints, log and best weights
      finished.json the digest of the run, before it takes its final name; removed last
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from burnish.digest import file_sha256
from burnish.directory import is_full_disk, restore_replaced, write_synced
from burnish.errors import RunError
from burnish.lock import LOCK, check_unowned, owned, training_place
from burnish.processor import describe_processor

from ..record.fingerprint import differences
from .checkpoints import LOG, Checkpoints, Keeping

__all__ = ["SeedPlace", "TrainingPlace", "telling_full_disk"]

_FINISHED = "finished.json"
_ANEW = "use --fresh to start again"


@dataclass(frozen=True, slots=True)
class SeedPlace:
    """Where one seed is trained."""

    directory: Path
    shared: Path
    """For what does not depend on the seed."""
    keeping: Keeping

    @property
    def log(self) -> Path:
        """A line a step of the tuning, and a line an epoch."""
        return self.directory / "tuning" / LOG

    def stage(self, name: str, *, every_minutes: float) -> Checkpoints:
        """A stage's checkpoints. A stage that has begun has those before it behind it."""
        return Checkpoints(self.directory / name, self.keeping, every_s=60 * every_minutes)


class TrainingPlace:
    """A run's place; nothing is made before it is held.

    Args:
        output: the run directory that is to be.
        keeping: what all stages share.
    """

    def __init__(self, output: Path, keeping: Keeping) -> None:
        self.keeping = keeping
        self.path = training_place(output)
        self.output = Path(os.path.abspath(output))
        self.starts = 0
        """How often this training was started, this time included."""

    def check_unowned(self) -> None:
        """Leave early where another training has it.

        Raises:
            RunError: names its owner.
        """
        check_unowned(self.path)

    def has_finished(self) -> bool:
        """Whether the run stands under its name already, and only cleaning up was cut short."""
        record = self.output / "record.json"
        finished = _read(self.path / _FINISHED) if record.is_file() else None
        return finished is not None and finished.get("run") == file_sha256(record)

    def rests_on(self, basis: dict[str, Any]) -> bool:
        """Whether what has finished here was begun with the same."""
        finished = _read(self.path / _FINISHED)
        return finished is not None and not differences(finished["basis"], basis)

    @contextmanager
    def held(self, basis: dict[str, Any], *, fresh: bool) -> Iterator[None]:
        """Hold the place for the block; what is worth going on from stays when that raises.

        Args:
            basis: what the training rests on (:func:`~.basis.basis_of`).
            fresh: begin anew, whatever stands there.

        Raises:
            RunError: another training has it, or one that rested on something else is to go on.
        """
        with owned(self.path):
            try:
                self._begin(basis, fresh=fresh)
                yield
            except BaseException:
                if not self.has_checkpoints():
                    shutil.rmtree(self.path, ignore_errors=True)
                raise
            self._remove()

    def has_checkpoints(self) -> bool:
        """Whether there is anything to go on from."""
        return any(self.path.glob("seed-*/*/*/state.json"))

    def seed(self, seed: int) -> SeedPlace:
        """Where one seed is trained."""
        return SeedPlace(self.path / f"seed-{seed}", self.path, self.keeping)

    def mark_finished(self, digest: str, basis: dict[str, Any]) -> None:
        """Write down which run is about to take its final name, and what it rests on."""
        document = {"run": digest, "basis": basis}
        write_synced(self.path / _FINISHED, json.dumps(document).encode())

    def _begin(self, basis: dict[str, Any], *, fresh: bool) -> None:
        say = self.keeping.say
        restore_replaced(self.output, within=self.path)
        processor = describe_processor().name
        begun = None if fresh else _read(self.path / "begun.json")
        if begun is None or not self.has_checkpoints():
            self._empty()
        else:
            self._check_same(begun["basis"], basis)
            self.starts = begun["starts"]
            say(f"resuming the training in {self.path.name}")
            if begun["processor"] != processor:
                say(f"note: it was started on {begun['processor']}; bits may differ on {processor}")
        self.starts += 1
        document = {"basis": basis, "starts": self.starts, "processor": processor}
        write_synced(self.path / "begun.json", json.dumps(document, indent=1).encode())

    def _check_same(self, begun: dict[str, Any], basis: dict[str, Any]) -> None:
        found = differences(begun, basis)
        if found:
            raise RunError(
                f"{self.path} holds a training that was started with other inputs:\n"
                + "\n".join(f"  {line}" for line in found),
                f"restore these to resume, or {_ANEW}",
            )

    def _empty(self, *, but: tuple[str, ...] = (LOCK,)) -> None:
        for path in self.path.iterdir():
            if path.is_dir():
                shutil.rmtree(path)
            elif path.name not in but:
                path.unlink()

    def _remove(self) -> None:
        """Clean up behind a run; a kill meanwhile leaves what tells that only this is left."""
        self._empty(but=(LOCK, _FINISHED))
        (self.path / _FINISHED).unlink(missing_ok=True)
        shutil.rmtree(self.path)


@contextmanager
def telling_full_disk(place: TrainingPlace) -> Iterator[None]:
    """Say what is to be done where a file cannot be written for want of room.

    Raises:
        RunError: in the place of the system's error.
    """
    try:
        yield
    except OSError as e:
        if not is_full_disk(e):
            raise
        free = shutil.disk_usage(place.path).free / 2**20
        stands = "the last checkpoint is kept" if place.has_checkpoints() else "nothing was kept"
        raise RunError(
            f"there is no room for {e.filename or place.path}: {e.strerror}; {stands}",
            f"{free:.0f} MiB are free there: free some space, then run the same command again",
        ) from e


def _read(path: Path) -> dict[str, Any] | None:
    try:
        document = json.loads(path.read_bytes())
    except FileNotFoundError:
        return None
    except ValueError as e:
        raise RunError(f"{path} was not written by a training", _ANEW) from e
    if not isinstance(document, dict):
        raise RunError(f"{path} was not written by a training", _ANEW)
    return document
