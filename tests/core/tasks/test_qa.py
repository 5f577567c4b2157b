"""Answers with exact offsets, "no answer" with its threshold, and SQuAD's own scores."""

from __future__ import annotations

import math
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from burnish.errors import InputError
from burnish.tasks import Encoding, QATask, Question
from burnish.tasks.evaluation import evaluate
from burnish.tasks.qa.example import GoldAnswer, QAExample
from burnish.tasks.qa.prediction import Answer, QAPrediction
from burnish.tasks.qa.settings import _best_threshold
from burnish.tasks.qa.squad import exact_match, normalize_answer, token_f1

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
        ("lost card card", ["card"], 0, 2 / 4),
        ("lost card card", ["card card found"], 0, 4 / 6),
        ("the", ["card"], 0, 0),
        ("card", ["lost", "Card."], 1, 1),
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


def test_answers_are_compared_without_case_articles_signs_and_spaces() -> None:
    assert normalize_answer("  The cat's,\n AN a-hat  an the ") == "cats ahat"
    assert normalize_answer("Theatre, Ann!") == "theatre ann"


def one_word(
    *, gap: float, rows: int, task: QATask, wordpiece: Path, answers: tuple[bool, ...] = (True,)
) -> tuple[list[QAExample], list[Encoding], list[list[np.ndarray]]]:
    """Rows of a context of one word, whose stretch is by ``gap`` better than "no answer"."""
    encoder = task.text_encoder(wordpiece)
    gold = (GoldAnswer("card", 0),)
    examples = [
        QAExample(
            id=f"a:{n}",
            context="card",
            question="where",
            answers=gold if answers[n % len(answers)] else (),
        )
        for n in range(rows)
    ]
    encoding = task.encode(Question("where", "card"), encoder)
    array = np.full((len(encoding.windows[0]), 2), -99.0, dtype=np.float32)
    array[0], array[encoding.windows[0].prefix] = 0.0, gap / 2
    return examples, [encoding] * rows, [[array]] * rows


@pytest.mark.parametrize("rows", [20, 60])
def test_a_temperature_gives_the_share_that_as_many_rows_cannot_rule_out(
    wordpiece: Path, rows: int
) -> None:
    given = one_word(gap=1.0, rows=rows, task=TASK, wordpiece=wordpiece)
    found = TASK.calibrate(*given)
    # All are right: the smoothed target is (n + 1) / (n + 2), whose odds are n + 1.
    assert found.temperature == pytest.approx(1 / math.log(rows + 1), rel=1e-4)


def test_a_temperature_is_fitted_from_twenty_rows(wordpiece: Path) -> None:
    given = one_word(gap=1.0, rows=19, task=TASK, wordpiece=wordpiece)
    assert TASK.model_copy(update={"temperature": 3.0}).calibrate(*given).temperature == 1.0


def test_a_temperature_that_gains_nothing_is_left_at_one(wordpiece: Path) -> None:
    """Three of four rows are right, and exp(gap) is 3: the score says so already."""
    answers = (True, True, True, False)
    given = one_word(gap=math.log(3), rows=400, task=TASK, wordpiece=wordpiece, answers=answers)
    assert TASK.calibrate(*given).temperature == pytest.approx(1.0, abs=0.05)


def test_scores_are_shares_of_stretches_and_no_answer(wordpiece: Path) -> None:
    task = TASK.model_copy(update={"temperature": 2.0, "no_answer_threshold": 1.0})
    _, (encoding,), (arrays,) = one_word(gap=5.0, rows=1, task=task, wordpiece=wordpiece)
    found = task.decode(Question("where", "card"), encoding, arrays)
    share = 1 / (1 + math.exp(-(5.0 - 1.0) / 2))
    assert [(a.text, a.start, a.end) for a in found.answers] == [("card", 0, 4), ("", 0, 0)]
    assert [a.score for a in found.answers] == pytest.approx([share, 1 - share])


@pytest.mark.parametrize(("threshold", "text"), [(4.99, "card"), (5.0, ""), (5.01, "")])
def test_an_answer_beats_no_answer_by_more_than_the_threshold(
    wordpiece: Path, threshold: float, text: str
) -> None:
    task = TASK.model_copy(update={"no_answer_threshold": threshold})
    _, (encoding,), (arrays,) = one_word(gap=5.0, rows=1, task=task, wordpiece=wordpiece)
    assert task.decode(Question("where", "card"), encoding, arrays).best.text == text


@pytest.mark.parametrize(("least", "unsure"), [(0.75, [False, True]), (0.76, [True, True])])
def test_answers_with_a_lower_score_are_marked(
    wordpiece: Path, least: float, unsure: list[bool]
) -> None:
    task = TASK.model_copy(update={"abstain_below": least})
    given = one_word(gap=math.log(3) + 1e-6, rows=1, task=task, wordpiece=wordpiece)
    found = task.decode(Question("where", "card"), given[1][0], given[2][0])
    assert [answer.abstained for answer in found.answers] == unsure
    assert found.abstained == unsure[0]
    sure = task.model_copy(update={"abstain_below": 0.2})
    again = sure.decode(Question("where", "card"), given[1][0], given[2][0])
    assert [answer.abstained for answer in again.answers] == [False, False]


@pytest.mark.parametrize(
    ("margins", "gains", "threshold"),
    [
        ([], [], 0.0),
        ([5.0, 3.0, 1.0], [1.0, -1.0, 1.0], 0.5),  # after the first, or after all: nearest to 0
        ([1.0, 5.0, 3.0], [1.0, 1.0, -1.0], 0.5),
        ([5.0, 3.0, 1.0], [1.0, -1.0, -1.0], 4.0),
        ([5.0, 3.0], [-1.0, -1.0], 5.5),
        ([-5.0, -3.0], [1.0, 1.0], -5.5),
        ([5.0, 3.0, -2.0], [1.0, 0.5, 0.25], -2.5),
    ],
)
def test_the_threshold_lies_where_the_sum_of_gains_is_largest(
    margins: list[float], gains: list[float], threshold: float
) -> None:
    assert _best_threshold(margins, gains) == pytest.approx(threshold)


@pytest.mark.parametrize(
    ("aim", "threshold"), [("precision>=0.6", 2.0), ("precision>=0.9", 6.0), ("recall>=0.5", 6.0)]
)
def test_an_aim_counts_the_answers_that_match_exactly(
    wordpiece: Path, aim: str, threshold: float
) -> None:
    """Right by a margin of 8, wrong by 4, right by 2."""
    task = TASK.model_copy(update={"aim": aim})
    parts = [
        one_word(gap=gap, rows=1, task=task, wordpiece=wordpiece, answers=(right,))
        for gap, right in ((4.0, False), (8.0, True), (2.0, True))
    ]
    examples, encodings, given = ([each for part in parts for each in part[i]] for i in range(3))
    tuned = task.tune(examples, encodings, given)  # type: ignore[arg-type]
    assert tuned.no_answer_threshold == pytest.approx(threshold)


def answered(text: str) -> QAPrediction:
    return QAPrediction(answers=(Answer(text, 1.0, 0, len(text)),), tokens=1, windows=1)


@pytest.mark.parametrize(
    ("gold", "text", "statistics"),
    [
        ("münchen", "münchen", [1, 1, 1, 1, 0, 1, 0, 1, 0]),
        ("new york", "york", [1, 0, 2 / 3, 1, 0, 1, 0, 1, 0]),
        ("new york", "", [1, 0, 0, 0, 0, 0, 1, 1, 0]),
        (None, "", [1, 1, 1, 0, 1, 0, 1, 0, 1]),
        (None, "york", [1, 0, 0, 0, 0, 1, 0, 0, 1]),
    ],
)
def test_a_row_counts_its_score_and_its_kind_of_question(
    gold: str | None, text: str, statistics: list[float]
) -> None:
    found = TASK.row_statistics(example(gold), answered(text))
    assert found == pytest.approx(statistics)


def test_scores_and_counts_are_read_from_the_sums_of_rows() -> None:
    rows = np.stack(
        [
            TASK.row_statistics(example(gold), answered(text))
            for gold, text in (("münchen", "münchen"), ("new york", "york"), (None, "york"))
        ]
    )
    metrics = TASK.metrics(rows.sum(0))
    assert metrics == {"exact_match": pytest.approx(1 / 3), "f1": pytest.approx(5 / 9)}
    counts = TASK.label_counts(rows.sum(0))
    kinds = {kind: (c.right, c.predicted, c.true) for kind, c in counts.items()}
    assert kinds == {"answerable": (2, 3, 2), "unanswerable": (0, 0, 1)}
    assert TASK.trials(rows) == {"exact_match": 3, "f1": 3}


def test_a_window_has_an_answer_for_a_target_only_where_it_shows_all_of_it(wordpiece: Path) -> None:
    encoder = TASK.text_encoder(wordpiece)
    encoding = TASK.encode(Question("where was it", CONTEXT), encoder)
    assert len(encoding.windows) > 2
    shown = 0
    for first in range(0, encoding.tokens, 3):
        for last in range(first, min(first + 7, encoding.tokens)):
            begin, end = int(encoding.offsets[first, 0]), int(encoding.offsets[last, 1])
            gold = GoldAnswer(CONTEXT[begin:end], begin)
            row = QAExample(id="a:1", context=CONTEXT, question="where was it", answers=(gold,))
            for window, target in zip(encoding.windows, TASK.targets(row, encoding), strict=True):
                whole = window.start <= first and last < window.stop
                place = [window.prefix + each - window.start for each in (first, last)]
                assert target.tolist() == (place if whole else [0, 0])
                shown += whole
    assert shown > 50


def test_the_first_answer_alone_is_the_target(wordpiece: Path) -> None:
    encoding = TASK.encode(Question("where", "the card"), TASK.text_encoder(wordpiece))
    gold = (GoldAnswer("card", 4), GoldAnswer("the", 0))
    row = QAExample(id="a:1", context="the card", question="where", answers=gold)
    (window,), (target,) = encoding.windows, TASK.targets(row, encoding)
    assert target.tolist() == [window.prefix + 1] * 2
    none = QAExample(id="a:2", context="the card", question="where", answers=())
    assert [each.tolist() for each in TASK.targets(none, encoding)] == [[0, 0]]


def test_a_claim_is_the_best_answer_and_its_score() -> None:
    row = example("münchen")
    found = QAPrediction(
        answers=(Answer("münchen", 0.7, 21, 28), Answer("", 0.3, 0, 0)), tokens=9, windows=1
    )
    (claim,) = TASK.claims(row, found)
    assert (claim.score, claim.right) == (0.7, True)
    assert not TASK.claims(example("new york"), found)[0].right
    assert TASK.most_right(row) == 1


def test_two_answers_are_the_same_at_the_same_place() -> None:
    one = answered("york")
    moved = QAPrediction(answers=(Answer("york", 0.2, 5, 9),), tokens=1, windows=1)
    surer = QAPrediction(answers=(Answer("york", 0.1, 0, 4),), tokens=1, windows=1)
    assert TASK.same_answer(one, surer)
    assert not TASK.same_answer(one, moved)


def test_windows_of_a_long_context_overlap_by_the_stride(wordpiece: Path) -> None:
    encoding = TASK.encode(Question("where was it", CONTEXT), TASK.text_encoder(wordpiece))
    overlaps = [left.stop - right.start for left, right in pairwise(encoding.windows)]
    assert set(overlaps[:-1]) == {TASK.stride}
    assert min(overlaps) == TASK.stride
