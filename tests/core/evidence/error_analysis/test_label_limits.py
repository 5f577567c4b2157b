"""Labels that are never right, and labels that no row judges, are named in words."""

from __future__ import annotations

import pytest

from burnish.evidence.error_analysis import LabelLimits, label_limits
from burnish.tasks import ClassificationTask, ExtractionTask, QATask
from burnish.tasks.evaluation import Evaluation, LabelScores


def _evaluation(**labels: tuple[float, int]) -> Evaluation:
    scores = {name: LabelScores(f1, f1, f1, support) for name, (f1, support) in labels.items()}
    return Evaluation(rows=40, metrics={}, labels=scores, confusion=())


def test_dead_labels_come_first_and_are_not_those_that_nothing_judges() -> None:
    found = label_limits(_evaluation(a=(0.7, 16), b=(0.0, 3), c=(0.0, 0), d=(0.0, 2)), part="test")
    assert found.sentences() == [
        "2 of 4 labels are never answered right on the test rows (F1 0): b, d.",
        "1 of 4 labels has no test row, so nothing here says how well it is answered: c.",
    ]


def test_where_every_label_is_judged_and_alive_nothing_is_said() -> None:
    assert label_limits(_evaluation(a=(0.7, 16), b=(0.1, 3)), part="test").sentences() == []


def test_many_labels_are_counted_and_some_named() -> None:
    many = label_limits(_evaluation(**{f"l{i:02}": (0.0, 1) for i in range(20)}), part="test")
    (said,) = many.sentences()
    assert said.startswith("20 of 20 labels are never answered right")
    assert said.endswith("l10, l11 and 8 more.")


def test_one_label_is_one_label() -> None:
    one = label_limits(_evaluation(a=(0.0, 3)), part="validation")
    assert one.sentences()[0].startswith("1 of 1 label is never answered right on the validation")


def test_a_manifest_keeps_them() -> None:
    found = label_limits(_evaluation(a=(0.0, 3), b=(0.0, 0)), part="test")
    assert LabelLimits.from_json(found.to_json()) == found


@pytest.mark.parametrize(
    ("task", "nouns"),
    [
        (ClassificationTask(labels=("a",)), ("labels", "rows")),
        (ExtractionTask(labels=("a",)), ("labels", "entities")),
        (QATask(), ("kinds of questions", "questions")),
    ],
)
def test_every_task_says_what_it_counts(task, nouns) -> None:
    assert (task.label_noun[1], task.support_noun[1]) == nouns
