"""The checkpoints of a stage of a training: when one is written, which one is taken up."""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from burnish.notify import Notify

from .interruption import Interruption
from .snapshot import DamagedError, Snapshot, read_snapshot, write_snapshot

__all__ = ["LOG", "Checkpoints", "Clock", "Keeping"]

LOG = "log.jsonl"
"""What a stage was like: a line a step, in its directory."""

_KEPT = 2
"""The newest, and one to fall back on."""
_SHARE = 0.05
"""Of the time, at most, goes into checkpoints."""
_FINISHED = "finished"


@dataclass(slots=True)
class Clock:
    """Seconds of a training, those before an interruption among them."""

    begin: float
    """Of :func:`time.monotonic`, for this process."""
    before: float = 0.0
    """Seconds of earlier processes, as far as their checkpoints tell."""

    def elapsed(self) -> float:
        """In all."""
        return self.before + time.monotonic() - self.begin


@dataclass(frozen=True, slots=True)
class Keeping:
    """What all stages of a training share."""

    stop: Interruption
    clock: Clock
    say: Notify


class Checkpoints:
    """Of one stage, in a directory of its own.

    Args:
        directory: is made.
        keeping: what all stages share.
        every_s: seconds between checkpoints; an epoch's end counts as such too. 0: after every
            step.
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
        """The newest whole one; damaged ones are removed, and told of."""
        found, self._found = self._found or self._read_newest(), None
        return found

    def begun(self) -> bool:
        """Whether there is a whole one, which is read for :meth:`newest`."""
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
        """Whether one is to be written after this step.

        At an epoch's end, and where the last is ``every_s`` ago, unless writing them would take
        more than a twentieth of the time: the moment does not matter to what is resumed.
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
            tensors: of the loop.
            values: JSON, of the loop and of who watches it.
            best: the file of the best weights so far.

        Raises:
            OSError: there is no room for it; those before it stand.
        """
        self._write(f"{step:09d}", tensors, values, best)

    def finish(self, values: Any, *, best: Path) -> None:
        """Write what is left of a stage that is done, in the place of its checkpoints."""
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
        """By step; a finished one last."""
        names = [path.name for path in self.directory.iterdir() if path.is_dir()]
        known = sorted(name for name in names if name.isdigit() or name == _FINISHED)
        return [self.directory / name for name in known]
