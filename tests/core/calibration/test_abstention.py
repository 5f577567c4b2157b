"""A tolerated error becomes a score, a promise, and documents."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from burnish.calibration import (
    Outside,
    Tolerance,
    fit_task,
    foresee,
    measure_scope,
    promise_for,
    reject_score,
    scope_figures,
)
from burnish.calibration.abstention import EVERYTHING
from burnish.calibration.reliability import calibration_error
from burnish.evidence.calibration import measure, summary_lines
from burnish.tasks import ClassificationTask
from burnish.tasks.classification.example import ClassificationExample
from burnish.tasks.predictions import Claim
from burnish.tasks.scores import softmax

LABELS = ("a", "b", "c")
TASK = ClassificationTask(labels=LABELS)
ENCODING: Any = SimpleNamespace(tokens=1, windows=(None,))


def rows(count: int, seed: int = 1, height: float = 4.0) -> tuple[Any, list[Any]]:
    """Rows, and logits that are three times too large."""
    rng = np.random.default_rng(seed)
    honest = rng.normal(0, height, (count, 3))
    true = [rng.choice(3, p=p) for p in softmax(honest)]
    examples = tuple(
        ClassificationExample(id=f"a:{i}", text="x", labels=(LABELS[t],))
        for i, t in enumerate(true)
    )
    given = SimpleNamespace(examples=examples, inputs=("x",) * count, encodings=(ENCODING,) * count)
    return given, [((3 * row).astype(np.float32),) for row in honest]


def test_below_the_score_of_the_promise_answers_are_marked() -> None:
    given, logits = rows(1500)
    task, promise = fit_task(TASK, given, logits, tolerance=Tolerance(error=0.05))
    assert promise is not None
    assert promise.kept_from == task.abstain_below
    assert 0.5 < task.abstain_below < 1
    answers = [task.decode("x", ENCODING, each) for each in logits]
    marked = [answer.abstained for answer in answers]
    assert marked == [answer.scores[0].score < task.abstain_below for answer in answers]
    assert sum(marked) == promise.claims - promise.answered
    assert 0 < sum(marked) < 1000


def test_too_few_rows_promise_nothing_say_why_and_mark_everything() -> None:
    given, logits = rows(60)
    task, promise = fit_task(TASK, given, logits, tolerance=Tolerance(error=0.05))
    assert promise is not None
    assert promise.kept_from is None
    assert promise.note == (
        "60 validation answers are too few to promise at most 5 % wrong with 95 % confidence: 90 "
        "are needed, all of them right. Label about 30 more rows for validation. Every answer is "
        "marked as abstained."
    )
    assert task.abstain_below == EVERYTHING
    assert task.decode("x", ENCODING, logits[0]).abstained


def test_a_model_that_is_wrong_too_often_promises_nothing() -> None:
    given, logits = rows(900, height=0.2)
    _, promise = fit_task(TASK, given, logits, tolerance=Tolerance(error=0.02))
    assert promise is not None
    assert promise.note.startswith("None of the 900 validation answers has a score of at least")


def test_without_a_tolerance_nothing_is_marked_whatever_was_before() -> None:
    given, logits = rows(300)
    before = TASK.model_copy(update={"abstain_below": EVERYTHING})
    task, promise = fit_task(before, given, logits, tolerance=None)
    assert promise is None
    assert task.abstain_below == 0


def test_the_higher_of_aim_and_promise_holds() -> None:
    given, logits = rows(1500)
    aimed = TASK.model_copy(update={"aim": "precision>=0.99"})
    strict, _ = fit_task(aimed, given, logits, tolerance=Tolerance(error=0.2))
    loose, _ = fit_task(TASK, given, logits, tolerance=Tolerance(error=0.2))
    assert strict.abstain_below > loose.abstain_below


def test_the_documents_hold_what_a_report_draws() -> None:
    given, logits = rows(1500)
    other, theirs = rows(2000, seed=2)
    task, promise = fit_task(TASK, given, logits, tolerance=Tolerance(error=0.05))
    found = measure(task, {"validation": (given, logits), "test": (other, theirs)}, promise=promise)
    each = found["calibration"]["parts"]["test"]
    assert each["after"]["ece"] < each["before"]["ece"] / 2
    assert set(each["after"]["bins"][0]) == {"confidence", "accuracy", "count"}
    said = found["abstention"]["parts"]["test"]
    assert said["error"] == said["wrong"] / said["answered"] <= 0.05
    assert said["rows_abstained"] == said["claims"] - said["answered"]
    curve = said["curve"]
    assert [p["coverage"] for p in curve] == sorted(p["coverage"] for p in curve)
    assert curve[-1]["coverage"] == 1.0
    text = "\n".join(summary_lines(found))
    assert "at most 5 % are wrong, with 95 % confidence" in text
    assert f"{said['answered']} of 2000 texts reach the score" in text


def test_texts_out_of_scope_are_told_by_their_scores() -> None:
    given, logits = rows(600)
    outside, theirs = rows(200, seed=3, height=0.3)
    task, _ = fit_task(TASK, given, logits, tolerance=Tolerance(error=0.1))
    found = measure_scope(task, Outside("oos", outside, theirs), (given, logits), part="test")
    area = found["auroc"]
    assert 0.8 < area["low"] < area["value"] < area["high"] < 1
    assert found["coverage"]["out_of_scope"] < found["coverage"]["in_scope"]


def claims(*answers: tuple[float, bool, int]) -> list[Claim]:
    return [Claim(score, right) for score, right, count in answers for _ in range(count)]


FIVE = Tolerance(error=0.05)


def test_right_answers_of_which_too_few_are_sure_are_said_to_be_too_few() -> None:
    note = promise_for(claims((0.9, True, 86), (0.5, True, 4)), FIVE).note
    assert note == (
        "90 validation answers are too few: 86 lie above the first threshold and 90 are needed. "
        "Label about 10 more rows for validation. Every answer is marked as abstained."
    )
    more = claims((0.9, True, 96), (0.5, True, 4))
    assert promise_for(more, FIVE).kept_from is not None


def test_the_rows_that_are_said_to_be_missing_are_enough() -> None:
    few = [(0.95, True, 180), (0.95, False, 5), (0.4, True, 20)]
    note = promise_for(claims(*few), FIVE).note
    assert "185 lie above the first threshold, 5 of them wrong, and about" in note
    more = int(re.findall(r"Label about ([\d,]+) more", note)[0].replace(",", ""))
    times = 1 + more / 205
    grown = claims(*((s, r, math.ceil(times * n) if r else round(times * n)) for s, r, n in few))
    assert promise_for(grown, FIVE).kept_from is not None
    halfway = 1 + more / 410
    less = claims(*((s, r, round(halfway * n)) for s, r, n in few))
    assert promise_for(less, FIVE).kept_from is None


def test_answers_that_are_wrong_too_often_are_not_said_to_be_too_few() -> None:
    note = promise_for(claims((0.95, True, 270), (0.95, False, 30)), FIVE).note
    assert (
        "Of the 300 validation answers with a score of at least 0.95, 30 are wrong (10 %)" in note
    )
    assert "more rows for validation" not in note


def test_answers_of_which_none_is_sure_are_said_to_be_unsure() -> None:
    note = promise_for(claims((0.3, True, 200)), FIVE).note
    assert note == (
        "None of the 200 validation answers has a score of at least 0.69: no answer is confident "
        "enough. Train on more rows. Every answer is marked as abstained."
    )


def test_several_answers_per_row_are_counted_in_rows() -> None:
    note = promise_for(claims((0.99, True, 60)), FIVE, rows=20).note
    assert "60 validation answers are too few" in note
    assert "Label about 10 more rows" in note


@pytest.mark.parametrize(
    ("task", "label_count", "early"),
    [
        (TASK, 1, "80 validation answers are too few to promise"),
        (ClassificationTask(labels=LABELS, multi_label=True), 1, "80 validation answers are"),
        (ClassificationTask(labels=LABELS, multi_label=True), 2, ""),
    ],
)
def test_a_promise_that_no_model_could_keep_is_known_before_training(
    task: Any, label_count: int, early: str
) -> None:
    examples = [
        ClassificationExample(id=f"a:{i}", text="x", labels=LABELS[:label_count]) for i in range(80)
    ]
    assert foresee(task, examples, FIVE).startswith(early)
    assert bool(foresee(task, examples, FIVE)) == bool(early)
    assert foresee(task, examples, Tolerance(score=0.7)) == ""
    assert foresee(task, examples, None) == ""


def outside_rows(count: int) -> Outside:
    given, logits = rows(count, seed=3, height=0.3)
    texts = tuple(replace(each, text=each.id) for each in given.examples)
    return Outside("oos", SimpleNamespace(**{**vars(given), "examples": texts}), logits)


def test_a_share_of_the_rows_out_of_scope_chooses_the_score_and_the_others_judge_it() -> None:
    (given, logits), outside = rows(600), outside_rows(200)
    wish = Tolerance(reject=0.9)
    task, promise = fit_task(TASK, given, logits, tolerance=wish, outside=outside)
    assert promise is None
    choosing, judging = outside.halves
    assert sorted([*choosing, *judging]) == list(range(200))
    scores = [task.said_score(outside.logits[place]) for place in choosing]
    assert np.mean([score < task.abstain_below for score in scores]) == pytest.approx(0.9)
    found = measure_scope(task, outside, (given, logits), part="test", chosen=True)
    said = found["answered"]
    assert said["rows"] == 100
    assert said["value"] == np.mean(
        [task.said_score(outside.logits[place]) >= task.abstain_below for place in judging]
    )
    assert 0.02 < said["low"] <= said["value"] <= said["high"] < 0.25
    figures = {name: value for name, value, _ in scope_figures(found)}
    assert figures == {"scope_auroc": found["auroc"]["value"], "scope_answered": said["value"]}


def test_a_text_out_of_scope_never_stands_on_both_sides() -> None:
    given, logits = rows(40)
    texts = tuple(replace(e, text=f"t {i % 10}") for i, e in enumerate(given.examples))
    outside = Outside("oos", SimpleNamespace(examples=texts), logits)
    sides = [{texts[place].text for place in half} for half in outside.halves]
    assert not sides[0] & sides[1]
    assert [len(side) for side in sides] == [5, 5]


@pytest.mark.parametrize(
    ("scores", "share", "score"),
    [
        ([0.1, 0.2, 0.3, 0.4], 0.5, 0.25),
        ([0.1, 0.2, 0.3, 0.4], 0.51, 0.35),
        ([0.1, 0.2, 0.2, 0.2], 0.5, np.nextafter(0.2, 2)),
        ([1.0], 0.9, np.nextafter(1.0, 2)),
    ],
)
def test_the_share_lies_below_the_score(scores: list[float], share: float, score: float) -> None:
    assert reject_score(scores, share) == pytest.approx(score, abs=1e-15)
    assert np.mean(np.array(scores) < reject_score(scores, share)) >= share


def test_of_several_wishes_the_strictest_holds() -> None:
    given, logits = rows(1500)
    both = Tolerance(error=0.2, score=0.99)
    assert fit_task(TASK, given, logits, tolerance=both)[0].abstain_below == 0.99
    low = Tolerance(error=0.05, score=0.01)
    task, promise = fit_task(TASK, given, logits, tolerance=low)
    assert promise is not None
    assert task.abstain_below == promise.kept_from


def test_several_labels_of_which_none_is_given_are_no_answer() -> None:
    task = ClassificationTask(labels=LABELS, multi_label=True, thresholds={"a": 0.9})
    assert task.said_score((np.array([0.5, -3, -3], np.float32),)) == 0.0
    assert task.said_score((np.array([0.5, 1, -3], np.float32),)) == pytest.approx(0.731, abs=1e-3)


def test_scores_that_calibration_makes_worse_are_left_alone() -> None:
    rng = np.random.default_rng(11)
    worse = kept = 0
    for _ in range(40):
        given, logits = rows(int(rng.integers(25, 60)), seed=int(rng.integers(10_000)))
        honest = [(windows[0] / 3,) for windows in logits]
        task, _ = fit_task(TASK, given, honest, tolerance=None)
        kept += task.temperature == 1.0
        before, after = (
            calibration_error(
                [
                    claim
                    for example, windows in zip(given.examples, honest, strict=True)
                    for claim in each.claims(example, each.decode("x", ENCODING, windows))
                ]
            )
            for each in (TASK, task)
        )
        worse += after > before
    assert worse == 0
    assert 10 < kept < 40


@pytest.mark.parametrize("asked", [{}, {"confidence": 0.9}])
def test_a_tolerance_asks_for_something(asked: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="give error, reject or score"):
        Tolerance(**asked)


@pytest.mark.parametrize("error", [0, 1, -0.1])
def test_a_tolerance_is_a_share(error: float) -> None:
    with pytest.raises(ValueError, match="error"):
        Tolerance(error=error)
