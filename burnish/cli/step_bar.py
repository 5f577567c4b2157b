"""The steps of a long command: a bar on a terminal, else a line per step, and now and then more."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from burnish.cli.terminal import Terminal
from burnish.durations import told_duration
from burnish.steps import Step

__all__ = ["StepBar"]

_EVERY_S = 30.0
"""As `progress.py` has it."""
_FORMAT = "step {n_fmt} of {total_fmt} |{bar:20}| {desc} [{elapsed}]"


class StepBar:
    """Shows steps and prints notes; a context manager that takes the bar away at the end.

    Args:
        terminal: where to show them.
        clock: seconds, monotonic.
    """

    def __init__(self, terminal: Terminal, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._terminal = terminal
        self._clock = clock
        self._bar: Any = None
        self._begun = self._step_begun = self._told = clock()

    def __call__(self, step: Step) -> None:
        """Show where the work is."""
        now = self._clock()
        if not step.done:
            self._step_begun = now
        if self._terminal.is_interactive:
            self._draw(step, now)
        elif not step.done:
            passed = now - self._begun
            self._tell(f"{_place(step)}{f', after {told_duration(passed)}' if passed >= 1 else ''}")
        elif now - self._told >= _EVERY_S and step.done < step.parts:
            self._tell(f"{_place(step)}: {self._parts(step, now)}")

    def note(self, text: str) -> None:
        """Print a line; a bar moves below it."""
        if self._bar is None:
            self._terminal.note(text)
        else:
            self._bar.write(text, file=self._terminal.notes)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.close()

    def _draw(self, step: Step, now: float) -> None:
        from tqdm import tqdm

        if self._bar is None:
            notes = self._terminal.notes
            self._bar = tqdm(total=step.of, file=notes, leave=False, bar_format=_FORMAT)
        self._bar.n = step.number
        parts = f": {self._parts(step, now)}" if step.done else ""
        self._bar.set_description_str(f"{step.name}{parts}")

    def _parts(self, step: Step, now: float) -> str:
        left = (now - self._step_begun) / step.done * (step.parts - step.done)
        rest = f", about {told_duration(left)} left in this step" if left else ""
        return f"{step.done} of {step.parts}{rest}"

    def _tell(self, text: str) -> None:
        self._told = self._clock()
        self._terminal.note(text)


def _place(step: Step) -> str:
    return f"step {step.number} of {step.of}: {step.name}"
