"""Choosing among candidates: the fastest that passes its gates on all rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from .candidates import Candidate

__all__ = ["NOISE_BAND", "Selection", "fastest_first"]

NOISE_BAND = 0.03
"""Speeds this close to the fastest count as equal: two timings of one graph differ as much. Among
equals, the graph that agrees most comes first."""


class Selection:
    """Candidates tried so far; a judgement on all rows replaces the one on some.

    Args:
        recheck: judges a candidate on all rows; called once per candidate that could be chosen.
    """

    def __init__(self, recheck: Callable[[Candidate], Candidate]) -> None:
        self._recheck = recheck
        self._candidates: dict[str, Candidate] = {}
        self._final: set[str] = set()

    @property
    def candidates(self) -> tuple[Candidate, ...]:
        """In the order in which they were added."""
        return tuple(self._candidates.values())

    def add(self, candidates: Iterable[Candidate]) -> None:
        """Add candidates to choose from."""
        self._candidates |= {candidate.plan.name: candidate for candidate in candidates}

    def first(self, holds: Callable[[Candidate], bool]) -> Candidate | None:
        """The fastest candidate for which ``holds`` is true on all rows too."""
        for candidate in fastest_first([each for each in self.candidates if holds(each)]):
            final = self._judged(candidate)
            if holds(final):
                return final
        return None

    def _judged(self, candidate: Candidate) -> Candidate:
        name = candidate.plan.name
        if name not in self._final:
            self._candidates[name] = self._recheck(candidate)
            self._final.add(name)
        return self._candidates[name]


def fastest_first(candidates: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """Sort by speed, and by agreement where speeds lie within `NOISE_BAND`."""
    left = list(candidates)
    ordered = []
    while left:
        bar = (1 - NOISE_BAND) * max(candidate.timing.speedup for candidate in left)
        fast = [candidate for candidate in left if candidate.timing.speedup >= bar]
        best = max(fast, key=lambda each: (each.comparison.agreement, each.timing.speedup))
        ordered.append(best)
        left.remove(best)
    return tuple(ordered)
