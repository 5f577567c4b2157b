"""What labelled tasks share, shown by the one whose input is two texts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from burnish.data import Rows
from burnish.errors import DataError
from burnish.evidence.calibration import measure
from burnish.tasks import ClassificationTask, PairExample, PairsTask
from burnish.tasks.answered import answer_rows, decode_rows
from burnish.tasks.encoded import encode_rows
from burnish.tasks.examples import Example
from burnish.tasks.labelled.errors import LabelErrors
from burnish.tasks.labelled.prediction import Classification, LabelScore

TASK = PairsTask(labels=("alike", "unlike"), max_length=16, stride=4)


def couple(row: int, one: str, other: str, *labels: str) -> PairExample:
    return PairExample(id=f"two:{row}", text=one, text_pair=other, labels=labels)


def test_a_task_over_another_input_is_encoded_decoded_scored_and_measured(wordpiece: Path) -> None:
    long = "the card is lost where was it found and a i"
    examples = [
        couple(1, "new york", "to york", "alike"),
        couple(2, "the card", "zoe flew", "unlike"),
        couple(3, "it was found", "it is lost", "unlike"),
        couple(4, long, long, "alike"),
    ]
    rows = encode_rows(TASK, examples, TASK.text_encoder(wordpiece))
    assert [each.id for each in rows.unreadable] == ["two:4"]
    logits = [[np.array(each, np.float32)] for each in ([2, 0], [0, 2], [2, 0])]
    answered = answer_rows(TASK, rows, decode_rows(TASK, rows, logits))
    found = answered.evaluate(TASK, resamples=10)
    assert found.rows == 4
    assert found.metrics["accuracy"].value == pytest.approx(2 / 4)
    assert found.confusion == (("unlike", "alike", 1),)
    documents = measure(TASK, {"test": (rows, logits)}, promise=None)
    assert documents["calibration"]["of"] == "pairs"
    assert documents["calibration"]["temperature"] == 1.0
    assert TASK.answers == "pairs with one label per pair"


def test_the_manifest_names_a_labelled_task_before_its_labels() -> None:
    names = ["task", "labels", "multi_label", "at_least_one", "thresholds"]
    names += ["temperature", "scalings"]
    shared = ["max_length", "stride", "aim", "metric", "abstain_below"]
    assert list(TASK.model_dump()) == [*shared, *names, "reading"]
    assert list(ClassificationTask(labels=("a",)).model_dump()) == shared + names
    assert PairsTask.model_validate_json(TASK.model_dump_json()) == TASK


def test_an_input_that_no_model_reads_is_answered_by_nothing_and_confused_with_nothing() -> None:
    row = couple(1, "a", "i", "alike")
    assert not TASK.unanswered.abstained
    assert not TASK.correct(row, TASK.unanswered)
    assert TASK.claims(row, TASK.unanswered) == []
    assert TASK.one_label(row, TASK.unanswered) == ("alike", "")
    wrong = LabelErrors().describe(row, TASK.unanswered)
    assert (wrong.true, wrong.said, wrong.score) == ("alike", "", 0.0)


def test_a_task_of_one_label_each_tells_the_true_one_and_the_given_one() -> None:
    row, scores = (
        couple(1, "a", "i", "alike"),
        (LabelScore("unlike", 0.7), LabelScore("alike", 0.3)),
    )
    wrong = Classification(labels=("unlike",), scores=scores, tokens=1, windows=1)
    right = Classification(labels=("alike",), scores=scores[::-1], tokens=1, windows=1)
    assert TASK.one_label(row, wrong) == ("alike", "unlike")
    assert TASK.one_label(row, right) == ("alike", "alike")
    several = TASK.model_copy(update={"multi_label": True})
    assert several.one_label(row, wrong) is None
    assert (TASK.claim_noun, several.claim_noun) == ("pairs", "labels")
    assert several.fitted_scaling == {"scalings": {}}


def test_rows_of_another_form_are_refused() -> None:
    examples: tuple[Example, ...] = (couple(1, "a", "i", "alike"),)
    TASK.check_form(Rows(task="pairs", examples=examples))
    with pytest.raises(DataError, match="holds classification rows, and the model is for pairs"):
        TASK.check_form(Rows(task="classification", examples=examples))
    with pytest.raises(DataError, match="rows have several labels each, and the model gives one"):
        TASK.check_form(Rows(task="pairs", examples=examples, multi_label=True))


def test_scores_of_one_input_are_of_all_its_labels_or_of_those_that_are_given() -> None:
    several = TASK.model_copy(update={"multi_label": True, "thresholds": {"alike": 0.9}})
    logits = [np.array([1.0, -1.0], np.float32)]
    assert several.best_score(logits) == pytest.approx(0.7311, abs=1e-4)
    assert several.said_score(logits) == 0.0
