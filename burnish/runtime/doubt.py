"""Doubt: how unsure a model is of an answer, from 0 to 1, one definition a task."""

from __future__ import annotations

from burnish.tasks import Classification, Extraction, Prediction

__all__ = ["doubt"]


def doubt(prediction: Prediction, *, multi_label: bool) -> float:
    """How unsure an answer is.

    Classification: one minus the margin of the two best labels; with several labels, how near the
    most doubtful lies to one half. Extraction: one minus the score of the weakest entity; a half
    where there is none, since a missed entity shows nowhere. Question answering: one minus the
    margin of the two best answers, "there is none" among them.
    """
    if isinstance(prediction, Classification):
        scores = [each.score for each in prediction.scores]
        if multi_label:
            return 1 - min(abs(2 * score - 1) for score in scores)
        return 1 - (scores[0] - scores[1]) if len(scores) > 1 else 1.0
    if isinstance(prediction, Extraction):
        return 1 - min((entity.score for entity in prediction.entities), default=0.5)
    best = [answer.score for answer in prediction.answers[:2]]
    return 1 - (best[0] - best[1]) if len(best) > 1 else 1.0
