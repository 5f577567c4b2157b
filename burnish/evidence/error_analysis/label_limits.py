"""Label limits: the labels that a model never gets right, and those that no row tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from burnish.tasks.evaluation import Evaluation

__all__ = ["LabelLimits", "label_limits"]

_SHOWN = 12


@dataclass(frozen=True, slots=True)
class LabelLimits:
    """What one part of the data shows about a model's labels."""

    part: str
    labels: int
    """How many labels the model has."""
    dead: tuple[str, ...]
    """Labels with an F1 of 0 although rows have them."""
    unjudged: tuple[str, ...]
    """Labels that no row has."""

    def sentences(self, noun: tuple[str, str] = ("label", "labels")) -> list[str]:
        """Sentences for a reader; none where rows judge every label and some answers are right.

        Args:
            noun: what the task calls a label, singular and plural.
        """
        said = []
        if self.dead:
            verb = "is" if len(self.dead) == 1 else "are"
            said.append(
                f"{self._count(self.dead, noun)} {verb} never answered right on the {self.part} "
                f"rows (F1 0): {_names(self.dead)}."
            )
        if self.unjudged:
            verb, they = ("has", "it is") if len(self.unjudged) == 1 else ("have", "they are")
            said.append(
                f"{self._count(self.unjudged, noun)} {verb} no {self.part} row, so nothing here "
                f"says how well {they} answered: {_names(self.unjudged)}."
            )
        return said

    def _count(self, labels: Sequence[str], noun: tuple[str, str]) -> str:
        return f"{len(labels)} of {self.labels} {noun[self.labels != 1]}"

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> LabelLimits:
        """Read what ``to_json`` wrote."""
        dead, unjudged = (tuple(document[name]) for name in ("dead", "unjudged"))
        return cls(document["part"], document["labels"], dead, unjudged)

    def to_json(self) -> dict[str, Any]:
        """For a manifest."""
        return asdict(self)


def label_limits(evaluation: Evaluation, *, part: str) -> LabelLimits:
    """Look for dead and unjudged labels in the evaluation of one part of the data."""
    labels = evaluation.labels
    return LabelLimits(
        part=part,
        labels=len(labels),
        dead=tuple(name for name, each in labels.items() if each.support and not each.f1),
        unjudged=tuple(name for name, each in labels.items() if not each.support),
    )


def _names(labels: Sequence[str]) -> str:
    more = len(labels) - _SHOWN
    return ", ".join(labels[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
