"""Doubt: 0 for a sure answer, towards 1 the less sure it is, in each task."""

from __future__ import annotations

import pytest

from burnish.tasks import ClassificationTask, ExtractionTask, QATask
from burnish.tasks.classification.prediction import Classification, LabelScore
from burnish.tasks.extraction.prediction import Entity, Extraction
from burnish.tasks.qa.prediction import Answer, QAPrediction


def _classified(*scores: float) -> Classification:
    found = tuple(LabelScore(str(i), score) for i, score in enumerate(scores))
    return Classification(labels=("0",), scores=found, tokens=1, windows=1)


def test_a_classification_is_doubted_by_its_margin() -> None:
    one = ClassificationTask(labels=("0", "1"))
    several = ClassificationTask(labels=("0", "1"), multi_label=True)
    assert one.doubt(_classified(0.7, 0.3)) == pytest.approx(0.6)
    assert several.doubt(_classified(0.9, 0.5)) == 1
    assert one.doubt(_classified(1.0)) == 1


def test_an_extraction_is_doubted_by_its_weakest_entity() -> None:
    entities = tuple(Entity("X", score, "a", 0, 1) for score in (0.9, 0.2))
    found = Extraction(entities=entities, tokens=1, windows=1)
    task = ExtractionTask(labels=("X",))
    assert task.doubt(found) == pytest.approx(0.8)
    assert task.doubt(Extraction(entities=(), tokens=1, windows=1)) == 0.5


def test_an_answer_is_doubted_by_its_margin() -> None:
    answers = (Answer("a", 0.6, 0, 1), Answer("", 0.4, 0, 0))
    found = QAPrediction(answers=answers, tokens=1, windows=1)
    assert QATask().doubt(found) == pytest.approx(0.8)
