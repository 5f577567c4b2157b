"""The self-test's answers: as for labels, but leaves and thresholds decide along a path."""

from __future__ import annotations

from collections.abc import Iterator

from typing_extensions import override

from burnish.self_test.record import LabelsProbe
from burnish.tasks.labelled.prediction import Classification, LabelScore
from burnish.tasks.labelled.self_test import BEST_LABELS, LabelsRecorder
from burnish.tasks.taxonomy.prediction import Branches
from burnish.tasks.taxonomy.settings import TaxonomyTask

__all__ = ["RECORDER"]


class _BranchesRecorder(LabelsRecorder[TaxonomyTask]):
    @override
    def is_tie(self, label: str, before: LabelsProbe, task: TaxonomyTask, tolerance: float) -> bool:
        """Near a threshold on the way to the label; or another leaf is as likely as the best."""
        if label not in task.tree.index:
            return False
        least = task.least()
        for each in task.tree.path(label):
            score = before.scores.get(each)
            if score is not None and abs(score - least[task.tree.index[each]]) <= tolerance:
                return True
        return not task.multi_label and _leaf_tie(before, task, tolerance)

    @override
    def deciding(
        self, task: TaxonomyTask, prediction: Classification, tolerance: float
    ) -> Iterator[LabelScore]:
        assert isinstance(prediction, Branches)  # noqa: S101  the task's own
        least = task.least()
        best = {each.label for each in prediction.listed[:BEST_LABELS]}
        for each in prediction.scores:
            nearly = abs(each.score - least[task.tree.index[each.label]]) <= 2 * tolerance
            if nearly or each.label in best or each.label in prediction.labels:
                yield each


def _leaf_tie(before: LabelsProbe, task: TaxonomyTask, tolerance: float) -> bool:
    leaves = sorted(
        (score for label, score in before.scores.items() if task.tree.leaf[task.tree.index[label]]),
        reverse=True,
    )
    return len(leaves) > 1 and leaves[0] - leaves[1] <= 2 * tolerance


RECORDER = _BranchesRecorder()
