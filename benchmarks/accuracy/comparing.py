"""Contenders compared: ranks, and wins and losses that a test set's size can tell."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import rankdata

from burnish.arrays import DoubleArray

from .kept import Outcome

__all__ = ["BURNISH", "Duel", "Standing", "duel", "standings", "table"]

BURNISH = "burnish"
RESAMPLES = 2000
Key = tuple[str, int | None, int]
Picks = npt.NDArray[np.int64]
Table = dict[Key, dict[str, Outcome]]


@dataclass(frozen=True, slots=True)
class Duel:
    """burnish and another on one draw: burnish's score less the other's, and its interval."""

    difference: float
    low: float
    high: float

    @property
    def verdict(self) -> str:
        """Whether the interval leaves zero out, and on which side."""
        return "win" if self.low > 0 else "loss" if self.high < 0 else "tie"


@dataclass(frozen=True, slots=True)
class Standing:
    """A contender over the draws that every contender answered."""

    contender: str
    draws: int
    mean: float
    rank: float
    """The mean; 1 is the best. Equal scores share a rank."""
    cpu_s: float
    """The mean."""


def table(found: Iterable[Outcome]) -> Table:
    """Outcomes by draw and contender."""
    by_draw: Table = defaultdict(dict)
    for each in found:
        by_draw[each.set, each.rows, each.seed][each.contender] = each
    return dict(by_draw)


def duel(ours: Outcome, other: Outcome, *, seed: int = 0) -> Duel:
    """Paired bootstrap over test rows (Efron & Tibshirani 1993), 95 % by percentiles."""
    one, two = ours.array, other.array
    rng = np.random.default_rng(seed)
    picks: Picks = rng.integers(0, len(one), (RESAMPLES, len(one)))
    differences = _scores(one, picks) - _scores(two, picks)
    low, high = np.percentile(differences, [2.5, 97.5])
    return Duel(ours.score - other.score, float(low), float(high))


def standings(by_draw: Table, contenders: Sequence[str]) -> list[Standing]:
    """The contenders over the draws that all of them answered, by mean rank."""
    shared = [each for each in by_draw.values() if all(name in each for name in contenders)]
    if not shared:
        return []
    scores = np.array([[each[name].score for name in contenders] for each in shared])
    ranks = rankdata(-scores, axis=1)
    found = [
        Standing(
            contender=name,
            draws=len(shared),
            mean=float(scores[:, column].mean()),
            rank=float(ranks[:, column].mean()),
            cpu_s=float(np.mean([each[name].cpu_s for each in shared])),
        )
        for column, name in enumerate(contenders)
    ]
    return sorted(found, key=lambda each: each.rank)


def _scores(each: DoubleArray, picks: Picks) -> DoubleArray:
    hits, weights = each[:, 0][picks].sum(1), each[:, 1][picks].sum(1)
    found: DoubleArray = hits / np.maximum(weights, 1.0)
    return found
