"""The checkpoints of a stage of a training: when to write one, and which one to resume."""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from burnish.interruption import Interruption
from burnish.notify import Notify

from .snapshot import DamagedError, Snapshot, read_snapshot, write_snapshot

__all__ = ["LOG", "Checkpoints", "Clock", "Keeping"]

LOG = "log.jsonl"
"""The log of a stage, in its directory: one line per step."""

_KEPT = 2
"""How many checkpoints are kept: the newest, and one to fall back on."""
_SHARE = 0.05
"""The largest share of the time that goes into checkpoints."""
_FINISHED = "finished"


@dataclass(slots=True)
class Clock:
    """Seconds of a training, including those before an interruption."""

    begin: float
    """When this process began, by :func:`time.monotonic`."""
    before: float = 0.0
    """Seconds of earlier processes, up to their last checkpoint."""

    def elapsed(self) -> float:
        """Seconds in total."""
        return self.before + time.monotonic() - self.begin


@dataclass(frozen=True, slots=True)
class Keeping:
    """What all stages of a training share."""

    stop: Interruption
    clock: Clock
    say: Notify


class Checkpoints:
    """The checkpoints of one stage, in a directory of its own.

    Args:
        directory: made here where it is missing.
        keeping: what all stages share.
        every_s: seconds between checkpoints, beside those at an epoch's end. 0: after every step.
    """

    def __init__(self, directory: Path, keeping: Keeping, *, every_s: float) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self.directory = directory
        self.stop = keeping.stop
        self._keeping = keeping
        self._every_s = every_s
        self._last = time.monotonic()
        self._cost_s = 0.0
        self._found: Snapshot | None = None

    def newest(self) -> Snapshot | None:
        """The newest whole checkpoint; damaged ones are reported and removed."""
        found, self._found = self._found or self._read_newest(), None
        return found

    def begun(self) -> bool:
        """Whether a whole checkpoint exists, which is kept for :meth:`newest`."""
        self._found = self._read_newest()
        return self._found is not None

    def _read_newest(self) -> Snapshot | None:
        for path in reversed(self._paths()):
            try:
                found = read_snapshot(path)
            except DamagedError as e:
                self._keeping.say(f"a checkpoint is damaged, so the one before it is used: {e}")
                shutil.rmtree(path)
                continue
            clock = self._keeping.clock
            clock.before = max(clock.before, found.values["spent_s"])
            return found
        return None

    def is_due(self, *, ends_epoch: bool) -> bool:
        """Whether to write a checkpoint after this step.

        One is due at an epoch's end and ``every_s`` after the last, unless writing them would take
        more than a twentieth of the time. A resumed training does not depend on the moment.
        """
        since = time.monotonic() - self._last
        if self._every_s == 0:
            return True
        return (ends_epoch or since >= self._every_s) and since * _SHARE >= self._cost_s

    def write(
        self, step: int, tensors: dict[str, torch.Tensor], values: Any, *, best: Path | None = None
    ) -> None:
        """Write the checkpoint of a step, and remove all but the last two.

        Args:
            step: its number in the stage.
            tensors: the loop's.
            values: JSON of the loop and its watcher.
            best: the file of the best weights so far.

        Raises:
            OSError: the disk is full; the earlier checkpoints are kept.
        """
        self._write(f"{step:09d}", tensors, values, best)

    def finish(self, values: Any, *, best: Path) -> None:
        """Replace the checkpoints of a finished stage by its result."""
        self._write(_FINISHED, {}, values, best)
        for path in self._paths()[:-1]:
            shutil.rmtree(path)

    def _write(
        self, name: str, tensors: dict[str, torch.Tensor], values: Any, best: Path | None
    ) -> None:
        path = self.directory / name
        if path.exists():  # stopped twice at the same step
            return
        begin = time.monotonic()
        content = {**values, "spent_s": self._keeping.clock.elapsed()}
        write_snapshot(path, tensors, content, links=() if best is None else (best,))
        for old in self._paths()[:-_KEPT]:
            shutil.rmtree(old)
        self._last = time.monotonic()
        self._cost_s = self._last - begin

    def _paths(self) -> list[Path]:
        """Directories of checkpoints by step, the finished one last."""
        names = [path.name for path in self.directory.iterdir() if path.is_dir()]
        known = sorted(name for name in names if name.isdigit() or name == _FINISHED)
        return [self.directory / name for name in known]
