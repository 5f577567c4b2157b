"""Decoding of labels: which of them are given, in which order, and which are not relied on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from burnish.arrays import FloatArray
from burnish.tasks.labelled.prediction import LabelScore
from burnish.tasks.scores import window_mean

__all__ = ["Decided", "best_label", "decide_one", "decide_several", "given_labels"]

BoolArray = npt.NDArray[np.bool_]
ScoreArray = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Decided:
    """What scores of labels say of an input."""

    order: list[int]
    """Places of all labels, best first."""
    given: BoolArray
    """(labels,) whether each is given."""
    abstained: BoolArray
    """(labels,) whether each is marked as abstained."""

    def named(
        self, labels: Sequence[str], scores: ScoreArray
    ) -> tuple[tuple[str, ...], tuple[LabelScore, ...]]:
        """The labels that are given, and every label with its score."""
        ranked = tuple(
            LabelScore(labels[i], float(scores[i]), bool(self.abstained[i])) for i in self.order
        )
        return tuple(labels[i] for i in self.order if self.given[i]), ranked


def decide_one(scores: ScoreArray, *, abstain_below: float) -> Decided:
    """Give the best label; where it is abstained, no score is relied on."""
    order = np.argsort(-scores, kind="stable").tolist()
    given = np.arange(len(scores)) == order[0]
    return Decided(order, given, np.full(len(scores), scores[order[0]] < abstain_below))


def decide_several(
    scores: ScoreArray, least: ScoreArray, *, best: int | None, abstain_below: float
) -> Decided:
    """Give the labels of :func:`given_labels`; only a label that is given can be abstained.

    The best comes first where it is given although its score is too low.
    """
    given = given_labels(scores, least, best=best)
    raised = given & (scores < least)
    order = np.lexsort((-scores, ~raised)).tolist()
    return Decided(order, given, given & (scores < abstain_below))


def given_labels(scores: ScoreArray, least: ScoreArray, *, best: int | None) -> BoolArray:
    """(labels,) whether each label is given.

    Args:
        scores: (labels,) probabilities.
        least: (labels,) the score from which each is given.
        best: the place of the label that is given where no score is high enough; None: then no
            label is.
    """
    given = scores >= least
    if best is not None and not given.any():
        given[best] = True
    return given


def best_label(logits: Sequence[FloatArray]) -> int:
    """The place of the label with the highest score before calibration.

    Calibration scales each label by itself and may change their order, but no answer.
    """
    return int(window_mean(logits).argmax())
