"""Choosing among candidates: the fastest that holds its gates on all rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from .candidates import Candidate

__all__ = ["NOISE_BAND", "Selection", "fastest_first"]

NOISE_BAND = 0.03
"""Speeds this close to the fastest count as equal, being no further apart than two timings of the
same graph; among equals the one that agrees most comes first."""


class Selection:
    """Candidates tried so far; one that was judged on all rows stands for what it was before.

    Args:
        recheck: judges a candidate again, on all rows; asked once a candidate, and only for those
            that could be chosen.
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
        """More to choose from."""
        self._candidates |= {candidate.plan.name: candidate for candidate in candidates}

    def first(self, holds: Callable[[Candidate], bool]) -> Candidate | None:
        """The fastest for which ``holds`` is true, on all rows too."""
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
    """By speed; among those whose speeds are within `NOISE_BAND`, the one that agrees most."""
    left = list(candidates)
    ordered = []
    while left:
        bar = (1 - NOISE_BAND) * max(candidate.timing.speedup for candidate in left)
        fast = [candidate for candidate in left if candidate.timing.speedup >= bar]
        best = max(fast, key=lambda each: (each.comparison.agreement, each.timing.speedup))
        ordered.append(best)
        left.remove(best)
    return tuple(ordered)
