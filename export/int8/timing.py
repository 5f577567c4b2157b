"""Timing graphs in turn, so that other load on the machine slows all of them alike."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from burnish.tasks.windows import Window

from ..answers import Answering

__all__ = ["Timing", "time_sessions"]

_ROUNDS = 15
_FEWEST_ROUNDS = 3
_ENOUGH_S = 30.0


@dataclass(frozen=True, slots=True)
class Timing:
    """How long a graph takes for a window, batch 1, one thread."""

    milliseconds: float
    """Median over rounds of the mean over windows."""
    speedup: float
    """Median over rounds of the reference's time divided by its own."""


def time_sessions(
    sessions: Mapping[str, Answering], windows: Sequence[Window], *, reference: str
) -> dict[str, Timing]:
    """Time sessions in turn, each on all windows per round.

    Args:
        sessions: by name.
        windows: the inputs of every round.
        reference: the name of the session that speed is relative to.
    """
    for session in sessions.values():
        session.run(windows[-1])
    begin = time.monotonic()
    rounds: list[dict[str, float]] = []
    while len(rounds) < _ROUNDS:
        rounds.append({name: _round(session, windows) for name, session in sessions.items()})
        if len(rounds) >= _FEWEST_ROUNDS and time.monotonic() - begin > _ENOUGH_S:
            break
    return {
        name: Timing(
            milliseconds=float(np.median([times[name] for times in rounds])),
            speedup=float(np.median([times[reference] / times[name] for times in rounds])),
        )
        for name in sessions
    }


def _round(session: Answering, windows: Sequence[Window]) -> float:
    begin = time.perf_counter()
    for window in windows:
        session.run(window)
    return (time.perf_counter() - begin) * 1000 / len(windows)
