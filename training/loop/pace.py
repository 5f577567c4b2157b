"""Pace: how long a training will take, told from its own first steps and then every few minutes."""

from __future__ import annotations

import time
from collections.abc import Callable

from burnish.durations import told_duration
from burnish.notify import Notify

from .loop import Step, TrainingLoop

__all__ = ["Pace", "StepPace"]

_SKIPPED = 1
"""Steps that are not measured: the first one also allocates memory."""
_MEASURED = 2
"""Steps from which the first estimate is made."""
_EVERY_S = 120.0


class Pace:
    """Tells how long the remaining steps take at most; the patience may end them earlier.

    A step takes as long as it has tokens, those of padding included; scoring an epoch is not
    counted before the first one was scored.

    Args:
        loop: its steps.
        say: called with a line that begins with "time: ".
        shown: whether a progress bar shows the rest, so that only the first estimate is told.
        clock: seconds.
    """

    def __init__(
        self,
        loop: TrainingLoop,
        *,
        say: Notify,
        shown: bool,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._loop = loop
        self._say = say
        self._shown = shown
        self._clock = clock
        self._steps = 0
        self._tokens = 0
        self._begin = self._told = clock()

    def saw(self, step: Step) -> None:
        """Measure a step that has just ended."""
        now = self._clock()
        self._steps += 1
        if self._steps <= _SKIPPED:
            self._begin = now
            return
        self._tokens += step.tokens
        if self._steps == _SKIPPED + _MEASURED:
            epochs = int(self._loop.settings.epochs)
            whole = "1 epoch" if epochs == 1 else f"{epochs} epochs"
            self._tell(now, f"for at most {whole} (measured on {_MEASURED} steps)")
        elif self._steps > _SKIPPED + _MEASURED and not self._shown and self._is_due(now):
            self._tell(now, f"left at most; epoch {step.epoch:.1f} of {self._loop.settings.epochs}")

    def _is_due(self, now: float) -> bool:
        return now - self._told >= _EVERY_S

    def _tell(self, now: float, what: str) -> None:
        self._told = now
        if self._tokens:
            left = self._loop.tokens_left() * (now - self._begin) / self._tokens
            self._say(f"time: about {told_duration(left)} {what}")


class StepPace:
    """Tells every few minutes how many steps are done, and how long the others take.

    For steps of equal size, all of which are done.

    Args:
        steps: in all.
        done: before this process.
        say: called with a line that begins with "time: ".
        shown: whether a progress bar shows it already, so that nothing is told.
        clock: seconds.
    """

    def __init__(
        self,
        steps: int,
        *,
        done: int,
        say: Notify,
        shown: bool,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._steps, self._before = steps, done
        self._say, self._shown, self._clock = say, shown, clock
        self._begin = self._told = clock()

    def saw(self, number: int) -> None:
        """Measure a step that has just ended, by its number."""
        now, done = self._clock(), number - self._before
        if self._shown or number == self._steps or now - self._told < _EVERY_S:
            return
        self._told = now
        left = (now - self._begin) / done * (self._steps - number)
        self._say(f"time: about {told_duration(left)} left; step {number:,} of {self._steps:,}")
