"""Labels of a tree with their scores, and the path to each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

from typing_extensions import override

from burnish.tasks.labelled.prediction import Classification, LabelScore
from burnish.tasks.marks import LabelMark, Marks
from burnish.tasks.predictions import unsure

__all__ = ["BranchScore", "Branches"]


@dataclass(frozen=True, slots=True)
class BranchScore(LabelScore):
    """A label of a tree, and its probability."""

    path: tuple[str, ...] = ()
    """From the root down to the label."""
    leaf: bool = True
    """Whether nothing lies under it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Branches(Classification):
    """Labels of a text that lie in a tree: with each, all that it lies under."""

    scores: tuple[BranchScore, ...]
    ends: tuple[BranchScore, ...] = ()
    """The labels that are given and under which none is, best first."""

    @property
    @override
    def said(self) -> tuple[BranchScore, ...]:
        """The ends, then the leaves: what lies over them says nothing more."""
        return self.listed

    @property
    @override
    def abstained(self) -> bool:
        """Whether a label is given, and none that may be relied on."""
        return bool(self.ends) and all(each.abstained for each in self.ends)

    @property
    @override
    def marks(self) -> Marks:
        return Marks(labels=tuple(LabelMark(each.label, each.score) for each in self.ends))

    @property
    def listed(self) -> tuple[BranchScore, ...]:
        """The ends, then the leaves that are not given, best first."""
        given = {each.label for each in self.ends}
        rest = (each for each in self.scores if each.leaf and each.label not in given)
        return (*self.ends, *rest)

    @override
    def answer_document(self, top_k: int) -> dict[str, Any]:
        scores = [
            {"label": e.label, "path": list(e.path), "score": e.score, **unsure(e.abstained)}
            for e in self.listed[:top_k]
        ]
        return {
            "labels": [each.label for each in self.ends],
            "paths": [list(each.path) for each in self.ends],
            "scores": scores,
        }

    @override
    def distance(self, other: Self) -> float:
        """The most by which the two scores of a label differ that is the end of a path here."""
        theirs = {each.label: each.score for each in other.scores}
        return max((abs(e.score - theirs.get(e.label, 0.0)) for e in self.ends), default=0.0)
