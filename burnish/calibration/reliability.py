"""Reliability: whether answers with a score of 0.8 are right in 8 of 10 cases.

The expected calibration error (Naeini et al. 2015) over bins of equal mass, which are less biased
than bins of equal width where most scores are high (Nixon et al. 2019).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from burnish.tasks.intervals import wilson
from burnish.tasks.predictions import Claim

__all__ = ["BINS", "Bin", "Reliability", "calibration_error", "reliability_of"]

BINS = 15
"""At most (Guo et al. 2017); fewer where one would hold less than `_LEAST`."""
_LEAST = 20
_BATCH = 100
_SEED = 13


@dataclass(frozen=True, slots=True)
class Bin:
    """Answers with scores next to each other."""

    confidence: float
    """Mean score."""
    accuracy: float
    """Share that is right."""
    count: int


@dataclass(frozen=True, slots=True)
class Reliability:
    """A reliability diagram and its error."""

    claims: int
    ece: float
    low: float
    """95 % interval: basic bootstrap over rows (Davison & Hinkley 1997), which takes away the
    upward bias that resampling adds, widened to hold the error itself. Where all answers are
    right, or all wrong, at least what Wilson's interval of their accuracy allows."""
    high: float
    bins: tuple[Bin, ...]

    def to_json(self) -> dict[str, Any]:
        """For ``metrics.json`` and the manifest."""
        return asdict(self)


def calibration_error(claims: Sequence[Claim]) -> float:
    """The expected calibration error alone; 0 without claims."""
    if not claims:
        return 0.0
    scores = np.array([claim.score for claim in claims])
    right = np.array([claim.right for claim in claims], dtype=np.float64)
    place = _bins(scores)
    gaps = np.asarray(np.bincount(place, scores - right), dtype=np.float64)
    return float(_ece(gaps, np.bincount(place).astype(np.float64)))


def reliability_of(rows: Sequence[Sequence[Claim]], *, resamples: int = 1000) -> Reliability | None:
    """Compare scores with the truth.

    Args:
        rows: the claims in the answer to each row.
        resamples: how often the bootstrap draws.

    Returns:
        None where there is no claim at all.
    """
    scores = np.array([claim.score for row in rows for claim in row])
    if not len(scores):
        return None
    right = np.array([claim.right for row in rows for claim in row], dtype=np.float64)
    owners = np.repeat(np.arange(len(rows)), [len(row) for row in rows])
    place = _bins(scores)
    # Sums of each row in each bin, so that a resample is one product of matrices.
    count = int(place.max()) + 1
    gaps, masses = np.zeros((len(rows), count)), np.zeros((len(rows), count))
    np.add.at(gaps, (owners, place), scores - right)
    np.add.at(masses, (owners, place), 1.0)
    ece = float(_ece(gaps.sum(0), masses.sum(0)))
    drawn = _resampled(gaps, masses, resamples=resamples)
    low, high = (float(end) for end in 2 * ece - np.quantile(drawn, [0.975, 0.025]))
    if right.min() == right.max():
        least, most = _possible(gaps.sum(0), masses.sum(0), right.mean(), rows=_speaking(masses))
        low, high = min(low, least), max(high, most)
    totals = np.bincount(place)
    means = zip(
        np.bincount(place, scores) / totals, np.bincount(place, right) / totals, totals, strict=True
    )
    return Reliability(
        claims=len(scores),
        ece=ece,
        low=max(0.0, min(low, ece)),
        high=min(1.0, max(high, ece)),
        bins=tuple(Bin(float(c), float(a), int(n)) for c, a, n in means),
    )


def _bins(scores: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """(claims,) number of each score's bin; equal scores share one, and no bin is empty."""
    wanted = int(np.clip(len(scores) // _LEAST, 1, BINS))
    edges = np.quantile(scores, np.arange(1, wanted) / wanted)
    place = np.searchsorted(edges, scores, side="right")
    return np.unique(place, return_inverse=True)[1].astype(np.int64)


def _ece(gaps: npt.NDArray[np.float64], masses: npt.NDArray[np.float64]) -> Any:
    return np.abs(gaps).sum(-1) / np.maximum(masses.sum(-1), 1.0)


def _speaking(masses: npt.NDArray[np.float64]) -> int:
    """How many rows have a claim."""
    return int((masses.sum(1) > 0).sum())


def _possible(
    gaps: npt.NDArray[np.float64], masses: npt.NDArray[np.float64], accuracy: float, *, rows: int
) -> tuple[float, float]:
    """The least and the largest error, if all bins had one accuracy that these rows allow.

    Args:
        gaps: (bins,) sums of score minus right.
        masses: (bins,) counts of answers.
        accuracy: 0 or 1, the accuracy of all answers; resampling shows any other.
        rows: how many rows the answers come from.
    """
    ends = wilson(accuracy, rows)
    means = gaps / masses + accuracy
    # The error is a sum of distances: least at one of the means, largest at an end.
    tried = np.clip(np.append(means, ends), *ends)
    errors = np.abs(means[None, :] - tried[:, None]) @ masses / masses.sum()
    return float(errors.min()), float(errors.max())


def _resampled(
    gaps: npt.NDArray[np.float64], masses: npt.NDArray[np.float64], *, resamples: int
) -> npt.NDArray[np.float64]:
    rng = np.random.default_rng(_SEED)
    rows, found = len(gaps), []
    for begin in range(0, resamples, _BATCH):
        size = min(_BATCH, resamples - begin)
        weights = rng.multinomial(rows, np.full(rows, 1 / rows), size=size).astype(np.float64)
        found.append(_ece(weights @ gaps, weights @ masses))
    return np.concatenate(found)
