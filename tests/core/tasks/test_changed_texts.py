"""What becomes of a row and of its answer when words of its text are exchanged."""

from __future__ import annotations

import pytest

from burnish.tasks.classification.example import ClassificationExample
from burnish.tasks.classification.prediction import Classification, LabelScore
from burnish.tasks.extraction.example import ExtractionExample, Span
from burnish.tasks.extraction.prediction import Entity, Extraction
from burnish.tasks.qa.example import GoldAnswer, QAExample
from burnish.tasks.qa.prediction import Answer, QAPrediction


def _later(start: int, end: int) -> tuple[int, int]:
    return start + 3, end + 3


def _labels(**scores: float) -> Classification:
    ranked = sorted(scores.items(), key=lambda item: -item[1])
    return Classification(
        labels=(ranked[0][0],),
        scores=tuple(LabelScore(*each) for each in ranked),
        tokens=1,
        windows=1,
    )


def _entities(*spans: tuple[int, int]) -> Extraction:
    found = tuple(Entity("person", 0.9, "anna", start, end) for start, end in spans)
    return Extraction(entities=found, tokens=1, windows=1)


def _answers(*answers: Answer) -> QAPrediction:
    return QAPrediction(answers=answers, tokens=1, windows=1)


def test_a_row_is_asked_with_another_text() -> None:
    labelled = ClassificationExample(id="a", text="she left", labels=("x",))
    assert labelled.body == "she left"
    assert labelled.with_body("he left") == ClassificationExample(
        id="a", text="he left", labels=("x",)
    )


def test_what_stands_at_offsets_is_not_kept_for_another_text() -> None:
    marked = ExtractionExample(id="a", text="she left", entities=(Span(0, 3, "person"),))
    assert marked.with_body("he left") == ExtractionExample(id="a", text="he left", entities=())
    asked = QAExample(id="a", context="she left", question="who?", answers=(GoldAnswer("she", 0),))
    assert asked.body == "she left"
    changed = asked.with_body("he left")
    assert (changed.context, changed.question, changed.answers) == ("he left", "who?", ())


def test_labels_are_as_far_apart_as_the_scores_of_the_first_best() -> None:
    one, other = _labels(a=0.9, b=0.1), _labels(a=0.3, b=0.7)
    assert one.distance(other) == pytest.approx(0.6)
    assert other.distance(one) == pytest.approx(0.6)
    assert one.relocated(_later) is one


def test_entities_are_as_far_apart_as_their_spans_differ() -> None:
    one = _entities((0, 4), (10, 14))
    moved = one.relocated(_later)
    assert moved.spans == {(3, 7, "person"), (13, 17, "person")}
    assert one.distance(one) == 0
    assert one.distance(moved) == 1
    assert one.distance(_entities((0, 4), (20, 24))) == pytest.approx(2 / 3)
    assert _entities().distance(_entities()) == 0


def test_an_answer_moves_and_no_answer_stays() -> None:
    one = _answers(Answer("anna", 0.7, 0, 4), Answer("", 0.3, 0, 0))
    moved = one.relocated(_later)
    assert [(each.start, each.end) for each in moved.answers] == [(3, 7), (0, 0)]
    assert one.distance(_answers(Answer("", 0.6, 0, 0))) == pytest.approx(0.1)
