"""Levels: scores of which there are few, in an order, such as grades from 1 to 5."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import numpy as np

from burnish.arrays import DoubleArray
from burnish.errors import ConfigError, DataError
from burnish.plural import plural
from burnish.tasks.scores import ratio

__all__ = [
    "LEVEL_METRICS",
    "MOST_LEVELS",
    "check_metric",
    "describe_levels",
    "find_levels",
    "level_metrics",
    "nearest",
    "seem_levels",
]

MOST_LEVELS = 20
LEVEL_METRICS = ("kappa", "level_accuracy", "within_one_level")
"""What :func:`level_metrics` gives."""
_SEEMING = 3, 10


def seem_levels(scores: Collection[float]) -> bool:
    """Whether different scores look like levels: 3 to 10 whole numbers."""
    fewest, most = _SEEMING
    return fewest <= len(scores) <= most and all(each == int(each) for each in scores)


def find_levels(scores: Iterable[float]) -> tuple[float, ...]:
    """The levels that occur, lowest first.

    Raises:
        DataError: there are too many for levels.
    """
    levels = tuple(sorted(set(scores)))
    if len(levels) > MOST_LEVELS:
        raise DataError(
            f"the training rows have {len(levels)} different scores, too many for levels",
            f"levels are at most {MOST_LEVELS}; leave regression.ordinal out, or round the scores",
        )
    return levels


def check_metric(metric: str, levels: tuple[float, ...]) -> None:
    """Refuse to choose epochs by a metric of levels where scores are none.

    Raises:
        ConfigError: the scores are no levels.
    """
    if metric in LEVEL_METRICS and not levels:
        raise ConfigError(
            f"train -> metric: {metric} is for levels, and these scores are none",
            "set train.metric=skill, or regression.ordinal=true for scores that are levels",
        )


def nearest(levels: tuple[float, ...], score: float) -> int:
    """The place of the level nearest to a score; of two as near, the lower one."""
    return int(np.argmin(np.abs(np.array(levels) - score)))


def level_metrics(confusion: DoubleArray) -> dict[str, DoubleArray]:
    """Accuracy, the share within one level, and kappa with quadratic weights (Cohen 1968).

    Args:
        confusion: (…, levels, levels) how often each level was true (rows) and given (columns).
    """
    count = confusion.shape[-1]
    apart = np.abs(np.subtract.outer(np.arange(count), np.arange(count)))
    total = confusion.sum((-2, -1))
    expected = confusion.sum(-1)[..., :, None] * confusion.sum(-2)[..., None, :]
    observed = (confusion * apart**2).sum((-2, -1))
    by_chance = ratio((expected * apart**2).sum((-2, -1)), total)
    return {
        "kappa": np.where(by_chance > 0, 1 - ratio(observed, by_chance), 0.0),
        "level_accuracy": ratio((confusion * (apart == 0)).sum((-2, -1)), total),
        "within_one_level": ratio((confusion * (apart <= 1)).sum((-2, -1)), total),
    }


def describe_levels(levels: tuple[float, ...]) -> str:
    """The levels in words: "5 levels from 1 to 5"."""
    return plural(len(levels), "# [level|levels]") + f" from {levels[0]:g} to {levels[-1]:g}"
