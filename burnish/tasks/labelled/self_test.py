"""The self-test's answers: labels with the scores that decided them."""

from __future__ import annotations

from collections.abc import Iterator

from typing_extensions import override

from burnish.self_test.record import LabelsProbe
from burnish.self_test.recorder import DIGITS, Recorder, score_differences, seen
from burnish.tasks.labelled import Labelled
from burnish.tasks.labelled.prediction import Classification

__all__ = ["RECORDER"]

_BEST_LABELS = 5


class _LabelsRecorder(Recorder[Labelled, Classification, LabelsProbe]):
    record_type = LabelsProbe

    @override
    def record(
        self,
        task: Labelled,
        prediction: Classification,
        *,
        tolerance: float,
        close: bool,
    ) -> LabelsProbe:
        scores = _deciding_scores(task, prediction, tolerance)
        return LabelsProbe(labels=prediction.labels, scores=scores, **seen(prediction))

    @override
    def differences(
        self,
        before: LabelsProbe,
        now: Classification,
        task: Labelled,
        *,
        tolerance: float,
    ) -> Iterator[str]:
        scores = {each.label: each.score for each in now.scores}
        for label, score in before.scores.items():
            yield from score_differences(
                f"label {label!r}", score, scores.get(label), tolerance=tolerance
            )
        for label in sorted(set(before.labels) ^ set(now.labels)):
            if not _is_tie(label, before, task, tolerance):
                given = "is given" if label in now.labels else "is not given"
                yield f"label {label!r} {given}, the opposite of the answer at export"


RECORDER = _LabelsRecorder()


def _is_tie(label: str, before: LabelsProbe, task: Labelled, tolerance: float) -> bool:
    score = before.scores.get(label)
    if score is None:
        return False
    if task.multi_label:
        return abs(score - task.thresholds.get(label, 0.5)) <= tolerance
    # The best may lose the tolerance while the other gains it.
    return max(before.scores.values()) - score <= 2 * tolerance


def _deciding_scores(
    task: Labelled, prediction: Classification, tolerance: float
) -> dict[str, float]:
    return {
        each.label: round(each.score, DIGITS)
        for rank, each in enumerate(prediction.scores)
        if rank < _BEST_LABELS
        or each.label in prediction.labels
        or (
            task.multi_label
            and abs(each.score - task.thresholds.get(each.label, 0.5)) <= 2 * tolerance
        )
    }
