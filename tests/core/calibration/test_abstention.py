"""A tolerated error becomes a score, a promise, and documents."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from burnish.calibration import Tolerance, fit_task, measure, measure_scope, summary_lines
from burnish.calibration.abstention import EVERYTHING
from burnish.data.examples import ClassificationExample
from burnish.tasks import ClassificationTask
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
    assert "validation has 60 answers, too few to promise" in promise.note
    assert task.abstain_below == EVERYTHING
    assert task.decode("x", ENCODING, logits[0]).abstained


def test_a_model_that_is_wrong_too_often_promises_nothing() -> None:
    given, logits = rows(900, height=0.2)
    _, promise = fit_task(TASK, given, logits, tolerance=Tolerance(error=0.02))
    assert promise is not None
    assert "too many of the surest" in promise.note


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
    assert "at most 5 % is wrong, with 95 % confidence" in text
    assert f"{said['answered']} of 2000 texts reach the score" in text


def test_texts_out_of_scope_are_told_by_their_scores() -> None:
    given, logits = rows(600)
    outside, theirs = rows(200, seed=3, height=0.3)
    task, _ = fit_task(TASK, given, logits, tolerance=Tolerance(error=0.1))
    found = measure_scope(task, (outside, theirs), (given, logits), label="oos", part="test")
    area = found["auroc"]
    assert 0.8 < area["low"] < area["value"] < area["high"] < 1
    assert found["coverage"]["out_of_scope"] < found["coverage"]["in_scope"]


@pytest.mark.parametrize("error", [0, 1, -0.1])
def test_a_tolerance_is_a_share(error: float) -> None:
    with pytest.raises(ValueError, match="error"):
        Tolerance(error=error)
