"""The hidden directory in which a run is trained, so that an interrupted training can resume.

::

    .tickets.training/
      lock          locked by the training, whose process it names
      begun.json    what the training depends on, and how often it was started
      probe/        the linear probe, a snapshot
      seed-13/      one directory per stage: its checkpoints, log and best weights
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
    """The directory in which one seed is trained."""

    directory: Path
    shared: Path
    """The directory for what does not depend on the seed."""
    keeping: Keeping

    @property
    def log(self) -> Path:
        """The log of the tuning: one line per step and per epoch."""
        return self.directory / "tuning" / LOG

    def stage(self, name: str, *, every_minutes: float) -> Checkpoints:
        """A stage's checkpoints. Once a stage has begun, all stages before it are finished."""
        return Checkpoints(self.directory / name, self.keeping, every_s=60 * every_minutes)


class TrainingPlace:
    """A run's working directory; :meth:`held` makes it.

    Args:
        output: the run directory to write.
        keeping: what all stages share.
    """

    def __init__(self, output: Path, keeping: Keeping) -> None:
        self.keeping = keeping
        self.path = training_place(output)
        self.output = Path(os.path.abspath(output))
        self.starts = 0
        """How often this training was started, this time included."""

    def check_unowned(self) -> None:
        """Fail early where another training uses the directory.

        Raises:
            RunError: names that training's process.
        """
        check_unowned(self.path)

    def has_finished(self) -> bool:
        """Whether the run is complete under its name, and only its cleanup was interrupted."""
        record = self.output / "record.json"
        finished = _read(self.path / _FINISHED) if record.is_file() else None
        return finished is not None and finished.get("run") == file_sha256(record)

    def rests_on(self, basis: dict[str, Any]) -> bool:
        """Whether the training that finished here had the same basis."""
        finished = _read(self.path / _FINISHED)
        return finished is not None and not differences(finished["basis"], basis)

    @contextmanager
    def held(self, basis: dict[str, Any], *, fresh: bool) -> Iterator[None]:
        """Lock the directory for the block; if that raises, the checkpoints stay.

        Args:
            basis: what the training depends on (:func:`..record.fingerprint.basis_of`).
            fresh: begin anew, even where a training could resume.

        Raises:
            RunError: another training uses it, or the one to resume had another basis.
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
        """Whether a training can resume here."""
        return any(self.path.glob("seed-*/*/*/state.json"))

    def seed(self, seed: int) -> SeedPlace:
        """The directory of one seed."""
        return SeedPlace(self.path / f"seed-{seed}", self.path, self.keeping)

    def mark_finished(self, digest: str, basis: dict[str, Any]) -> None:
        """Record which run is about to take its final name, and its basis."""
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
        """Clean up after a run, ``finished.json`` last, so that a killed cleanup can resume."""
        self._empty(but=(LOCK, _FINISHED))
        (self.path / _FINISHED).unlink(missing_ok=True)
        shutil.rmtree(self.path)


@contextmanager
def telling_full_disk(place: TrainingPlace) -> Iterator[None]:
    """Say what to do where the disk is full.

    Raises:
        RunError: instead of the system's error.
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
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise RunError(f"{path} was not written by a training", _ANEW)
    return document
