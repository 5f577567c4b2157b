"""The steps of long work: named, in order, and told to whoever watches as each begins."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

__all__ = ["Step", "Steps", "Watch"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Where the work is."""

    name: str
    number: int
    """From 1."""
    of: int
    """How many steps there are."""
    done: int = 0
    """Parts of the step that are done."""
    parts: int = 0
    """How many parts the step has; 0 where nobody knows."""


Watch = Callable[[Step], None]
"""Called as a step begins, and as each part of it is done."""


class Steps:
    """Tells how far the work is.

    Args:
        names: of the steps, in order.
        watch: is called with each; None for nobody.
    """

    def __init__(self, names: Sequence[str] = (), watch: Watch | None = None) -> None:
        self._names = tuple(names)
        self._watch = watch
        self._step: Step | None = None

    def begin(self, name: str) -> None:
        """Begin a step; those before it are over."""
        if self._watch is not None:
            number = self._names.index(name) + 1
            self._tell(self._watch, Step(name=name, number=number, of=len(self._names)))

    def part(self, done: int, parts: int) -> None:
        """So many parts of the step are done, out of so many."""
        if self._watch is not None and self._step is not None:
            self._tell(self._watch, replace(self._step, done=done, parts=parts))

    def _tell(self, watch: Watch, step: Step) -> None:
        self._step = step
        watch(step)
