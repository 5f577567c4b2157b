"""Progress of a long command: a bar on a terminal, else a line now and then; with rate and rest."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import TypeVar

from burnish.cli.terminal import Terminal
from burnish.durations import told_duration
from burnish.plural import plural

__all__ = ["Progress"]

ItemT = TypeVar("ItemT")

_EVERY_S = 30.0
"""Chosen: a log stays short, and shows within a minute whether the command is alive."""


class Progress:
    """Passes items on, and shows how far they are.

    Args:
        terminal: where to show it.
        unit: what an item is; its plural has an s.
        clock: seconds, monotonic.
    """

    def __init__(
        self,
        terminal: Terminal,
        *,
        unit: str = "row",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._terminal = terminal
        self._unit = unit
        self._clock = clock

    def __call__(self, items: Iterator[ItemT], total: int, before: int) -> Iterator[ItemT]:
        """Watch items.

        Args:
            items: what is done, one after the other.
            total: how many there are, with those done before.
            before: how many were done before.
        """
        if self._terminal.is_interactive:
            from tqdm import tqdm

            notes, unit = self._terminal.notes, self._unit
            bar = tqdm(items, total=total, initial=before, unit=unit, file=notes, leave=False)
            return iter(bar)
        return self._lines(items, total, before)

    def _lines(self, items: Iterator[ItemT], total: int, before: int) -> Iterator[ItemT]:
        begun = told = self._clock()
        done = 0
        for done, item in enumerate(items, start=1):
            yield item
            now = self._clock()
            if now - told >= _EVERY_S and before + done < total:
                told = now
                self._terminal.note(self._line(before + done, total, rate=done / (now - begun)))
        passed = self._clock() - begun
        if passed >= _EVERY_S:
            items_told = plural(done, f"# [{self._unit}|{self._unit}s]")
            told_rate = self._told_rate(done / passed)
            self._terminal.note(f"{items_told} in {told_duration(passed)} ({told_rate})")

    def _line(self, done: int, total: int, *, rate: float) -> str:
        share, left = 100 * done / total, told_duration((total - done) / rate)
        counted = f"{done:,} of {total:,} {self._unit}s ({share:.1f} %)"
        return f"{counted}, {self._told_rate(rate)}, {left} left"

    def _told_rate(self, rate: float) -> str:
        if rate >= 1:
            return f"{rate:,.0f} {self._unit}s/s"
        return f"{told_duration(1 / rate)} per {self._unit}"
