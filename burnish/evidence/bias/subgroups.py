"""Findings by subgroup: how well the rows of each are answered, and how far the groups differ."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

__all__ = ["FEWEST_ROWS", "LabelGap", "SubgroupReport", "SubgroupScore", "largest_gap"]

FEWEST_ROWS = 10
"""The fewest rows, and things to find in them, for a comparison with other subgroups."""


@dataclass(frozen=True, slots=True)
class SubgroupScore:
    """How well the rows with one value in a column are answered."""

    name: str
    rows: int
    compared: bool
    """Whether it has enough rows for a comparison."""
    score: float | None
    """The task's main metric; None where its rows have nothing to find."""
    low: float | None
    """The lower end of its 95 % interval, as in :class:`burnish.tasks.evaluation.Interval`."""
    high: float | None
    selection: dict[str, float]
    """The share of its rows that are given a label, by label; for tasks with one label per text."""
    recall: dict[str, float | None]
    """By label, the share found of its rows that have it; None for fewer than ``FEWEST_ROWS``."""


@dataclass(frozen=True, slots=True)
class LabelGap:
    """How far the compared subgroups differ on one label."""

    label: str
    selection: float
    """The largest difference of the share of rows that are given the label."""
    recall: float | None
    """The largest difference of its recall; None where fewer than two subgroups have one."""


@dataclass(frozen=True, slots=True)
class SubgroupReport:
    """The subgroups of one column, for one model and one part of the data."""

    column: str
    part: str
    metric: str
    subgroups: tuple[SubgroupScore, ...]
    """Sorted by name."""
    gap: float | None
    """The largest difference of the metric between compared subgroups; None for fewer than two."""
    low: float | None
    """The lower end of its interval (Tukey-Kramer), at 95 % confidence over all columns."""
    high: float | None
    labels: tuple[LabelGap, ...]
    """For tasks with one label per text; the largest difference of selection comes first."""

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
