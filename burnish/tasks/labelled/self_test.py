"""The self-test's answers: labels with the scores that decided them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

from typing_extensions import override

from burnish.self_test.record import LabelsProbe
from burnish.self_test.recorder import DIGITS, Recorder, score_differences, seen
from burnish.tasks.labelled import Labelled
from burnish.tasks.labelled.prediction import Classification, LabelScore
from burnish.tasks.labelled.ties import undecided

__all__ = ["BEST_LABELS", "RECORDER", "LabelsRecorder"]

BEST_LABELS = 5
"""Scores that are recorded whatever they decide."""

TaskT = TypeVar("TaskT", bound=Labelled)


class LabelsRecorder(Recorder[TaskT, Classification, LabelsProbe]):
    """The self-test of a labelled task."""

    record_type = LabelsProbe

    @override
    def record(
        self,
        task: TaskT,
        prediction: Classification,
        *,
        tolerance: float,
        close: bool,
    ) -> LabelsProbe:
        scores = {
            each.label: round(each.score, DIGITS)
            for each in self.deciding(task, prediction, tolerance)
        }
        return LabelsProbe(labels=prediction.labels, scores=scores, **seen(prediction))

    @override
    def differences(
        self,
        before: LabelsProbe,
        now: Classification,
        task: TaskT,
        *,
        tolerance: float,
    ) -> Iterator[str]:
        scores = {each.label: each.score for each in now.scores}
        for label, score in before.scores.items():
            yield from score_differences(
                f"label {label!r}", score, scores.get(label), tolerance=tolerance
            )
        for label in sorted(set(before.labels) ^ set(now.labels)):
            if not self.is_tie(label, before, task, tolerance):
                given = "is given" if label in now.labels else "is not given"
                yield f"label {label!r} {given}, the opposite of the answer at export"

    def is_tie(self, label: str, before: LabelsProbe, task: TaskT, tolerance: float) -> bool:
        """Whether a change within the tolerance gives a label, or gives it no more."""
        score = before.scores.get(label)
        if score is None:
            return False
        if task.multi_label:
            return label in undecided(task, before.scores, tolerance=tolerance)
        # The best may lose the tolerance while the other gains it.
        return max(before.scores.values()) - score <= 2 * tolerance

    def deciding(
        self, task: TaskT, prediction: Classification, tolerance: float
    ) -> Iterator[LabelScore]:
        """The scores that decide which labels are given."""
        near: set[str] = set()
        if task.multi_label:
            scores = {each.label: each.score for each in prediction.scores}
            near = undecided(task, scores, tolerance=2 * tolerance)
        for rank, each in enumerate(prediction.scores):
            if rank < BEST_LABELS or each.label in prediction.labels or each.label in near:
                yield each


RECORDER: LabelsRecorder[Labelled] = LabelsRecorder()
