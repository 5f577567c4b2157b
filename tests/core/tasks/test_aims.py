"""Thresholds for a named aim."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from burnish.tasks import ClassificationTask
from burnish.tasks.aims import Aim, Cut, cut_for, read_aim
from burnish.tasks.classification.example import ClassificationExample

SCORES = np.array([0.9, 0.8, 0.7, 0.6, 0.5, 0.4])
RIGHT = np.array([True, True, False, True, False, False])
ENCODING: Any = SimpleNamespace(tokens=1, windows=(None,))


@pytest.mark.parametrize(
    ("text", "aim"),
    [
        ("f1", Aim("f1")),
        ("precision>=0.95", Aim("precision", 0.95)),
        ("recall >= .9", Aim("recall", 0.9)),
    ],
)
def test_an_aim_is_read(text: str, aim: Aim) -> None:
    assert read_aim(text) == aim


@pytest.mark.parametrize(
    "text", ["", "F2", "precision>=1", "precision>=1.5", "precision>0.9", "recall>=0", "0.9"]
)
def test_an_invalid_aim_is_refused(text: str) -> None:
    with pytest.raises(ValidationError, match=r"must be f1, precision>=P or recall>=R"):
        ClassificationTask(labels=("a",), aim=text)


def test_a_precision_gives_as_many_answers_as_it_allows() -> None:
    assert cut_for(Aim("precision", 0.75), SCORES, RIGHT).threshold == pytest.approx(0.55)
    assert cut_for(Aim("precision", 0.9), SCORES, RIGHT).threshold == pytest.approx(0.75)


def test_a_recall_gives_as_few_answers_as_it_needs() -> None:
    assert cut_for(Aim("recall", 0.6), SCORES, RIGHT).threshold == pytest.approx(0.75)
    assert cut_for(Aim("recall", 0.7), SCORES, RIGHT).threshold == pytest.approx(0.55)
    assert cut_for(Aim("recall", 0.7), SCORES, RIGHT, total=30).reached is False


def test_the_least_score_of_all_is_a_threshold_itself() -> None:
    assert cut_for(Aim("recall", 0.9), np.array([0.9, 0.5]), np.array([True, True])) == Cut(
        0.5, reached=True
    )
    assert cut_for(Aim("precision", 0.5), SCORES, RIGHT) == Cut(0.4, reached=True)


def test_a_precision_out_of_reach_is_the_highest_with_as_many_answers_as_possible() -> None:
    scores, right = np.array([0.9, 0.8, 0.7, 0.6, 0.5]), np.array([False, True, False, True, False])
    found = cut_for(Aim("precision", 0.9), scores, right)
    assert found.threshold == pytest.approx(0.55)
    assert not found.reached


def test_a_recall_out_of_reach_takes_every_answer() -> None:
    found = cut_for(Aim("recall", 0.9), SCORES, RIGHT, total=5)
    assert found == Cut(0.4, reached=False)
    assert cut_for(Aim("recall", 0.6), SCORES, RIGHT, total=5).reached
    assert not cut_for(Aim("recall", 0.1), SCORES, np.zeros(6, dtype=bool)).reached


def test_an_aim_is_reached_exactly() -> None:
    assert cut_for(Aim("precision", 2 / 3), SCORES[:3], RIGHT[:3]) == Cut(0.7, reached=True)
    assert cut_for(Aim("recall", 1 / 3), SCORES, RIGHT).threshold == pytest.approx(0.85)


def test_a_recipe_keeps_an_aim_without_its_spaces() -> None:
    assert ClassificationTask(labels=("a",), aim="recall  >= 0.9").aim == "recall>=0.9"


def test_equal_scores_pass_or_fail_together() -> None:
    cut = cut_for(Aim("precision", 0.95), np.array([0.9, 0.5, 0.5]), np.array([True, True, False]))
    assert cut.threshold == pytest.approx(0.7)


def test_an_aim_out_of_reach_comes_as_near_as_it_can() -> None:
    cut = cut_for(Aim("precision", 0.9), SCORES, ~RIGHT)
    assert not cut.reached
    assert (~RIGHT)[cut.threshold <= SCORES].mean() == 0.5
    assert not cut_for(Aim("recall", 0.5), np.array([]), np.array([], dtype=bool)).reached


def rows_of(true: np.ndarray, labels: tuple[str, ...]) -> list[ClassificationExample]:
    return [
        ClassificationExample(
            id=f"a:{i}", text="x", labels=tuple(n for n, t in zip(labels, row, strict=True) if t)
        )
        for i, row in enumerate(true)
    ]


def test_every_label_reaches_the_precision_for_itself() -> None:
    rng = np.random.default_rng(4)
    logits = rng.normal(0, 2, (600, 2))
    true = rng.random((600, 2)) < 1 / (1 + np.exp(-logits))
    task = ClassificationTask(labels=("a", "b"), multi_label=True, aim="precision>=0.9")
    windows = [(row.astype(np.float32),) for row in logits]
    fitted = task.fit(rows_of(true, task.labels), [ENCODING] * 600, windows)
    scores = np.stack([fitted.scores(each) for each in windows])
    for index, label in enumerate(task.labels):
        given = scores[:, index] >= fitted.thresholds[label]
        assert 0.9 <= true[given, index].mean() < 0.93
        assert given.sum() > 100


def test_one_label_is_marked_below_the_score_that_reaches_the_precision() -> None:
    rng = np.random.default_rng(4)
    logits = np.abs(rng.normal(0, 2, 600))[:, None] * [1.0, -1.0]
    hit = rng.random(600) < 1 / (1 + np.exp(-2 * logits[:, 0]))
    task = ClassificationTask(labels=("a", "b"), aim="precision>=0.95")
    windows = [(row.astype(np.float32),) for row in logits]
    fitted = task.fit(rows_of(np.stack([hit, ~hit], 1), task.labels), [ENCODING] * 600, windows)
    sure = np.array([not fitted.decode("x", ENCODING, each).abstained for each in windows])
    assert 0.95 <= hit[sure].mean() < 0.97
    assert 0.3 < sure.mean() < 1
