"""Texts out of scope: halves, scores that are kept, the AUROC's interval and the document."""

from __future__ import annotations

import hashlib
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.stats import binomtest

from burnish.calibration import Outside, measure_scope, scope_figures
from burnish.calibration.scope import auroc, auroc_interval
from burnish.errors import ConfigError
from burnish.tasks import ClassificationTask, QATask
from burnish.tasks.classification.example import ClassificationExample

TASK = ClassificationTask(labels=("a", "b"))
Z = 1.959963984540054


def logits_of(*scores: float) -> list[Any]:
    """Windows of which the first label has these scores, of at least 0.5."""
    return [(np.log(np.array([score, 1 - score])),) for score in scores]


def outside(scores: list[float], texts: list[str] | None = None) -> Outside:
    examples = tuple(
        ClassificationExample(id=f"o:{n}", text=text, labels=("oos",))
        for n, text in enumerate(texts or [f"text {n}" for n in range(len(scores))])
    )
    rows: Any = SimpleNamespace(examples=examples)
    return Outside("oos", rows, logits_of(*scores))


@pytest.mark.parametrize(
    ("above", "below", "area"),
    [
        ([0.9, 0.8], [0.7, 0.1], 1.0),
        ([0.1], [0.5, 0.2], 0.0),
        ([0.5], [0.5], 0.5),
        ([0.9, 0.3], [0.5, 0.3, 0.1, 0.95], (3 + 1.5) / 8),
    ],
)
def test_the_auroc_counts_pairs_and_half_of_the_ties(
    above: list[float], below: list[float], area: float
) -> None:
    assert auroc(np.array(above), np.array(below)) == pytest.approx(area)


@pytest.mark.parametrize(
    ("area", "higher", "lower"), [(0.8, 40, 25), (0.6, 10, 90), (0.95, 300, 7), (0.5, 5, 5)]
)
def test_the_aurocs_interval_ends_where_newcombes_equation_holds(
    area: float, higher: int, lower: int
) -> None:
    def equation(value: float) -> float:
        """Hanley and McNeil's variance with half of all rows on each side."""
        half = (higher + lower) / 2
        variance = (
            value
            * (1 - value)
            * (1 + (half - 1) * ((1 - value) / (2 - value) + value / (1 + value)))
            / (higher * lower)
        )
        return float((area - value) ** 2 - Z**2 * variance)

    low, high = auroc_interval(area, higher, lower)
    assert low == pytest.approx(brentq(equation, 1e-9, area))
    assert high == pytest.approx(brentq(equation, area, 1 - 1e-9))


def test_every_second_text_by_its_digest_chooses_and_the_others_judge() -> None:
    found = outside([0.6] * 9)
    texts = [each.text for each in found.rows.examples]
    ranked = sorted(texts, key=lambda text: hashlib.sha256(text.encode()).digest())
    choosing, judging = found.halves
    assert [texts[place] for place in choosing] == [t for t in texts if t in ranked[::2]]
    assert [texts[place] for place in judging] == [t for t in texts if t in ranked[1::2]]


def test_a_single_text_chooses_and_judges() -> None:
    assert outside([0.6, 0.7], ["same", "same"]).halves == ([0, 1], [0, 1])
    both = outside([0.6, 0.7], ["one", "two"]).halves
    assert sorted(map(len, both)) == [1, 1]


def test_of_many_scores_two_hundred_are_kept_evenly() -> None:
    scores = [0.5 + n / 2000 for n in range(800)]
    found = outside(scores)
    own = sorted(scores[place] for place in found.halves[0])
    kept = found.chosen_scores(TASK)
    assert (len(own), len(kept)) == (400, 200)
    assert kept[0] == pytest.approx(own[0])
    assert kept[-1] == pytest.approx(own[-1])
    steps = np.searchsorted(np.array(own) - 1e-9, kept)
    assert set(np.diff(steps).tolist()) == {2, 3}
    few = outside(scores[:7])
    assert few.chosen_scores(TASK) == pytest.approx(sorted(scores[p] for p in few.halves[0]))


def test_the_document_counts_what_is_answered_without_a_mark() -> None:
    task = TASK.model_copy(update={"abstain_below": 0.75})
    inside: Any = (None, logits_of(0.9, 0.8, 0.75 + 1e-9, 0.6))
    found = measure_scope(task, outside([0.9, 0.7, 0.6, 0.55, 0.5]), inside, part="test")
    assert (found["label"], found["rows"]) == ("oos", 5)
    assert (found["against"], found["against_rows"]) == ("test", 4)
    pairs = 4.5 + 4 + 4 + 2.5
    assert found["auroc"]["value"] == pytest.approx(pairs / 20)
    low, high = auroc_interval(pairs / 20, 4, 5)
    assert (found["auroc"]["low"], found["auroc"]["high"]) == (low, high)
    assert found["mean_score"] == {
        "in_scope": pytest.approx(3.05 / 4),
        "out_of_scope": pytest.approx(3.25 / 5),
    }
    assert found["coverage"] == {"in_scope": 0.75, "out_of_scope": 0.2}
    interval = binomtest(1, 5).proportion_ci(method="wilson")
    assert found["answered"] == {
        "value": 0.2,
        "low": pytest.approx(interval.low),
        "high": pytest.approx(interval.high),
        "rows": 5,
    }


def test_where_a_half_chose_the_score_the_other_half_judges_it() -> None:
    scores = [0.9, 0.8, 0.7, 0.6, 0.55, 0.5]
    rows = outside(scores)
    judging = rows.halves[1]
    task = TASK.model_copy(update={"abstain_below": 0.65})
    found = measure_scope(task, rows, (None, logits_of(0.9)), part="test", chosen=True)  # type: ignore[arg-type]
    answered = sum(scores[place] >= 0.65 for place in judging) / len(judging)
    assert found["answered"]["rows"] == len(judging) == 3
    assert found["answered"]["value"] == found["coverage"]["out_of_scope"] == answered


def test_several_labels_of_which_none_is_given_are_not_answered() -> None:
    task = ClassificationTask(labels=("a", "b"), multi_label=True)
    windows = [(np.array([-1.0, -2.0]),), (np.array([1.0, -2.0]),)]
    rows: Any = SimpleNamespace(examples=outside([0.5, 0.5]).rows.examples)
    found = measure_scope(task, Outside("oos", rows, windows), (None, windows), part="test")  # type: ignore[arg-type]
    assert found["coverage"] == {"in_scope": 0.5, "out_of_scope": 0.5}


def test_the_gates_figures_say_what_they_are_of() -> None:
    task = TASK.model_copy(update={"abstain_below": 0.75})
    inside: Any = (None, logits_of(0.9, 0.8))
    found = measure_scope(task, outside([0.9, 0.6, 0.55]), inside, part="validation")
    (name, value, detail), (other, share, told) = scope_figures(found)
    assert (name, other) == ("scope_auroc", "scope_answered")
    assert value == pytest.approx((2.5 + 2) / 6)
    assert share == pytest.approx(1 / 3)
    assert "3 rows out of scope ('oos') against 2 rows of validation" in detail
    assert told.startswith("33 % of 3 rows out of scope are answered without a mark, and 100 %")


def test_a_task_without_scores_of_labels_has_no_rows_out_of_scope() -> None:
    examples = [SimpleNamespace(input_text=text) for text in "abcd"]
    rows: Any = SimpleNamespace(examples=examples)
    with pytest.raises(ConfigError, match="rows of task qa cannot be out of scope") as caught:
        Outside("oos", rows, [None] * 4).chosen_scores(QATask(max_length=64, stride=8))
    assert "data.out_of_scope" in caught.value.hint
