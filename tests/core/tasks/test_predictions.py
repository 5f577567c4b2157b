"""A prediction is marked as abstained where all that it says is."""

from __future__ import annotations

import pytest

from burnish.tasks.classification.prediction import Classification, LabelScore
from burnish.tasks.extraction.prediction import Entity, Extraction
from burnish.tasks.qa.prediction import Answer, QAPrediction


@pytest.mark.parametrize(
    ("labels", "marked", "abstained"),
    [
        ((), {"a": True}, False),
        (("a",), {"a": True, "b": False}, True),
        (("a",), {"a": False, "b": True}, False),
        (("a", "b"), {"a": True, "b": False}, False),
        (("a", "b"), {"a": True, "b": True}, True),
    ],
)
def test_labels_are_marked_where_all_that_are_given_are(
    labels: tuple[str, ...], marked: dict[str, bool], abstained: bool
) -> None:
    scores = tuple(LabelScore(label, 0.5, mark) for label, mark in marked.items())
    found = Classification(labels=labels, scores=scores, tokens=1, windows=1)
    assert found.abstained == abstained


@pytest.mark.parametrize(
    ("marks", "abstained"), [((), False), ((True, False), False), ((True, True), True)]
)
def test_entities_are_marked_where_all_are(marks: tuple[bool, ...], abstained: bool) -> None:
    entities = tuple(Entity("a", 0.5, "x", 0, 1, mark) for mark in marks)
    assert Extraction(entities=entities, tokens=1, windows=1).abstained == abstained


def test_the_first_answer_is_the_best_and_decides() -> None:
    sure, unsure = Answer("a", 0.9, 0, 1), Answer("b", 0.1, 1, 2, abstained=True)
    one, other = (
        QAPrediction(answers=answers, tokens=1, windows=1)
        for answers in ((sure, unsure), (unsure, sure))
    )
    assert (one.best, one.abstained) == (sure, False)
    assert (other.best, other.abstained) == (unsure, True)


def test_nothing_is_marked_unless_it_is_said() -> None:
    assert not LabelScore("a", 0.1).abstained
    assert not Entity("a", 0.1, "x", 0, 1).abstained
    assert not Answer("a", 0.1, 0, 1).abstained
