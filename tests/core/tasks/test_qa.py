"""Answers with exact offsets, "no answer" with its threshold, and SQuAD's own scores."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from burnish.data.examples import GoldAnswer, QAExample
from burnish.errors import InputError
from burnish.tasks import Encoding, QATask, Question
from burnish.tasks.evaluation import evaluate
from burnish.tasks.squad import exact_match, token_f1

TASK = QATask(max_length=24, stride=6)
CONTEXT = "the card was lost in münchen and it was found in new york " * 4


def example(answer: str | None) -> QAExample:
    answers = () if answer is None else (GoldAnswer(answer, CONTEXT.index(answer)),)
    return QAExample(id="a:1", context=CONTEXT, question="where was it", answers=answers)


def logits(task: QATask, row: QAExample, encoding: Encoding, height: float = 6) -> list:
    arrays = []
    for window, (start, end) in zip(encoding.windows, task.targets(row, encoding), strict=True):
        array = np.zeros((len(window), 2), dtype=np.float32)
        array[start, 0] += height
        array[end, 1] += height
        arrays.append(array)
    return arrays


@pytest.mark.parametrize("answer", ["münchen", "new york", "it was found in new york"])
def test_the_answer_that_the_logits_point_at_is_found(wordpiece: Path, answer: str) -> None:
    row = example(answer)
    encoding = TASK.encode(TASK.example_input(row), TASK.text_encoder(wordpiece))
    assert len(encoding.windows) > 2
    found = TASK.decode(TASK.example_input(row), encoding, logits(TASK, row, encoding))
    assert found.best.text == answer == CONTEXT[found.best.start : found.best.end]
    assert sum(not a.text for a in found.answers) == 1


def test_no_answer_in_any_window_is_an_empty_answer(wordpiece: Path) -> None:
    row = example(None)
    encoding = TASK.encode(TASK.example_input(row), TASK.text_encoder(wordpiece))
    found = TASK.decode(TASK.example_input(row), encoding, logits(TASK, row, encoding))
    assert (found.best.text, found.best.start, found.best.end) == ("", 0, 0)


def test_the_threshold_tuned_on_validation_separates_what_can_be_separated(
    wordpiece: Path,
) -> None:
    rows = [example("münchen"), example(None)] * 5
    encodings = [TASK.encode(TASK.example_input(r), TASK.text_encoder(wordpiece)) for r in rows]
    # Answerable rows beat "no answer" by 10, the others by 4: untuned, every row is answered.
    given = []
    for row, encoding in zip(rows, encodings, strict=True):
        arrays = logits(TASK, example("münchen"), encoding, 5 if row.answers else 2)
        for array in arrays:
            array[0] = 0
        given.append(arrays)
    tuned = TASK.tune(rows, encodings, given)
    assert 4 < tuned.no_answer_threshold < 10
    found = [
        tuned.decode(tuned.example_input(r), e, g)
        for r, e, g in zip(rows, encodings, given, strict=True)
    ]
    scores = evaluate(tuned, rows, found, resamples=10)
    assert scores.values() == {"exact_match": 1.0, "f1": 1.0}
    assert scores.labels["unanswerable"].recall == 1.0


def test_an_empty_question_is_refused(wordpiece: Path) -> None:
    with pytest.raises(InputError, match="question is empty"):
        TASK.encode(Question(question=" ", context="the card"), TASK.text_encoder(wordpiece))


@pytest.mark.parametrize(
    ("answer", "accepted", "exact", "overlap"),
    [
        ("The Card!", ["card"], 1, 1),
        ("", [], 1, 1),
        ("card", [], 0, 0),
        ("", ["card"], 0, 0),
        ("lost card", ["the card", "lost"], 0, 2 / 3),
        ("a an the", [""], 1, 1),
    ],
)
def test_squad_scores(answer: str, accepted: list[str], exact: float, overlap: float) -> None:
    assert exact_match(answer, accepted) == exact
    assert token_f1(answer, accepted) == pytest.approx(overlap)


def test_the_limit_of_an_answer_is_that_of_the_longest_training_row(wordpiece: Path) -> None:
    task = QATask(max_length=128, stride=6)
    rows = [example(None), example("münchen"), example(CONTEXT[:-1])]
    encoder = task.text_encoder(wordpiece)
    encodings = [task.encode(task.example_input(row), encoder) for row in rows]
    longest = encodings[2].tokens
    assert 30 < longest < 128
    assert task.sized_for(rows[:2], encodings[:2]).max_answer_tokens == 30
    sized = task.sized_for(rows, encodings)
    assert sized.max_answer_tokens == longest

    given = task.example_input(rows[2])
    found = [
        each.decode(given, encodings[2], logits(each, rows[2], encodings[2]))
        for each in (task, sized)
    ]
    assert [answer.best.text == CONTEXT[:-1] for answer in found] == [False, True]


def test_no_limit_is_beyond_the_window(wordpiece: Path) -> None:
    task = QATask(max_length=32, stride=6)
    row = example(CONTEXT[:-1])
    encoding = task.encode(task.example_input(row), task.text_encoder(wordpiece))
    assert task.sized_for([row], [encoding]).max_answer_tokens == 32
