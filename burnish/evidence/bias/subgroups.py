"""What was found by subgroup: how well each one's rows are answered, and how far apart they are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

__all__ = ["FEWEST_ROWS", "LabelGap", "SubgroupReport", "SubgroupScore", "largest_gap"]

FEWEST_ROWS = 10
"""Rows, and things to be found in them, from which a subgroup is compared with the others."""


@dataclass(frozen=True, slots=True)
class SubgroupScore:
    """Of the rows with one value in a column."""

    name: str
    rows: int
    compared: bool
    """Whether it has rows enough."""
    score: float | None
    """The task's main metric; None where there is nothing to be found in its rows."""
    low: float | None
    """Of its 95 % interval, as in :class:`burnish.tasks.evaluation.Interval`."""
    high: float | None
    selection: dict[str, float]
    """Share of its rows that are given a label, by label; for one label a text."""
    recall: dict[str, float | None]
    """Share of its rows with a label that are given it; None of fewer than ``FEWEST_ROWS``."""


@dataclass(frozen=True, slots=True)
class LabelGap:
    """How far the compared subgroups are apart on one label."""

    label: str
    selection: float
    """Largest difference of the share that is given the label."""
    recall: float | None
    """Largest difference of its recall; None where fewer than two subgroups have one."""


@dataclass(frozen=True, slots=True)
class SubgroupReport:
    """Of one column, one model and one part of the data."""

    column: str
    part: str
    metric: str
    subgroups: tuple[SubgroupScore, ...]
    """By their names."""
    gap: float | None
    """Largest difference of the metric between compared subgroups; None: fewer than two."""
    low: float | None
    """Of its interval (Tukey-Kramer): no less with a confidence of 95 % over all columns."""
    high: float | None
    labels: tuple[LabelGap, ...]
    """For one label a text; the largest difference of selection first."""

    @property
    def left_out(self) -> tuple[SubgroupScore, ...]:
        """The subgroups with too few rows."""
        return tuple(each for each in self.subgroups if not each.compared)

    def to_json(self) -> dict[str, Any]:
        """A document for ``metrics.json``."""
        return asdict(self)

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> SubgroupReport:
        """Read what ``to_json`` wrote."""
        subgroups = tuple(SubgroupScore(**each) for each in document["subgroups"])
        labels = tuple(LabelGap(**each) for each in document["labels"])
        return cls(**{**document, "subgroups": subgroups, "labels": labels})


def largest_gap(reports: Iterable[SubgroupReport]) -> SubgroupReport | None:
    """The column whose difference is surest to be large; None where nothing was compared."""
    compared = [each for each in reports if each.gap is not None]
    return max(compared, key=lambda each: (each.low or 0.0, each.gap or 0.0), default=None)
