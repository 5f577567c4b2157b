"""The documents of calibration and abstention, from answers that can be counted by hand."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from burnish.calibration import Promise, Tolerance
from burnish.evidence.calibration import judge_claims, measure, summary_lines
from burnish.evidence.calibration.documents import _curve
from burnish.tasks import ClassificationTask, ExtractionTask, QATask
from burnish.tasks.classification.example import ClassificationExample
from burnish.tasks.predictions import Claim
from burnish.tasks.scaling import Scaling

TASK = ClassificationTask(labels=("a", "b"))
ENCODING: Any = SimpleNamespace(tokens=1, windows=(None,))
ROWS = [
    [Claim(0.9, True), Claim(0.4, False)],
    [Claim(0.6, False)],
    [],
    [Claim(0.3, True), Claim(0.2, False)],
    [Claim(0.5, True)],
]


def test_answers_from_the_score_on_are_counted() -> None:
    task = TASK.model_copy(update={"abstain_below": 0.5})
    found = judge_claims(task, ROWS)["abstention"]
    assert (found["of"], found["abstain_below"]) == ("texts", 0.5)
    assert (found["claims"], found["answered"], found["wrong"]) == (6, 3, 1)
    assert found["coverage"] == 0.5
    assert found["error"] == pytest.approx(1 / 3)
    # A row is marked where all that it says is: the one with 0.3 and 0.2, and not the empty one.
    assert (found["rows"], found["rows_abstained"]) == (5, 1)


def test_nothing_that_is_said_or_answered_is_no_error() -> None:
    nothing = judge_claims(TASK, [[], []])
    assert nothing["calibration"] is None
    assert (nothing["abstention"]["coverage"], nothing["abstention"]["curve"]) == (0.0, [])
    marked = judge_claims(TASK.model_copy(update={"abstain_below": 2.0}), ROWS)["abstention"]
    assert (marked["answered"], marked["coverage"], marked["error"]) == (0, 0.0, 0.0)
    assert marked["rows_abstained"] == 4


def test_the_curve_has_risk_and_coverage_at_every_score() -> None:
    claims = [claim for row in ROWS for claim in row]
    assert _curve(claims) == [
        {"threshold": 0.9, "coverage": pytest.approx(1 / 6), "error": 0.0},
        {"threshold": 0.6, "coverage": pytest.approx(2 / 6), "error": pytest.approx(1 / 2)},
        {"threshold": 0.5, "coverage": pytest.approx(3 / 6), "error": pytest.approx(1 / 3)},
        {"threshold": 0.4, "coverage": pytest.approx(4 / 6), "error": pytest.approx(2 / 4)},
        {"threshold": 0.3, "coverage": pytest.approx(5 / 6), "error": pytest.approx(2 / 5)},
        {"threshold": 0.2, "coverage": 1.0, "error": pytest.approx(3 / 6)},
    ]


def test_the_curve_has_fifty_points_at_most_with_both_ends() -> None:
    curve = _curve([Claim(n / 200, n % 2 == 0) for n in range(200)])
    assert len(curve) == 50
    assert (curve[0]["threshold"], curve[-1]["threshold"]) == (199 / 200, 0.0)
    assert (curve[0]["coverage"], curve[-1]["coverage"]) == (1 / 200, 1.0)
    assert (curve[0]["error"], curve[-1]["error"]) == (1.0, 0.5)


def part(*shares: float) -> tuple[Any, list[Any]]:
    """Rows of the label a, which has these scores."""
    examples = tuple(
        ClassificationExample(id=f"r:{n}", text="x", labels=("a",)) for n in range(len(shares))
    )
    count = len(shares)
    rows = SimpleNamespace(examples=examples, inputs=("x",) * count, encodings=(ENCODING,) * count)
    return rows, [(np.log(np.array([share, 1 - share])),) for share in shares]


def test_a_part_is_measured_before_and_after_calibration() -> None:
    task = TASK.model_copy(update={"temperature": 2.0, "abstain_below": 0.7})
    found = measure(task, {"test": part(0.9, 0.8, 0.1)}, promise=None)
    each = found["calibration"]["parts"]["test"]
    # Before: 0.9, 0.8 and, wrongly, 0.9; after: odds of 3, of 2 and of 3.
    assert each["before"]["ece"] == pytest.approx(2.6 / 3 - 2 / 3)
    assert each["after"]["ece"] == pytest.approx((0.75 + 2 / 3 + 0.75) / 3 - 2 / 3)
    assert found["calibration"]["temperature"] == 2.0
    said = found["abstention"]["parts"]["test"]
    assert (said["claims"], said["answered"], said["wrong"]) == (3, 2, 1)
    assert found["abstention"]["asked"] is None
    assert found["abstention"]["promise"] is None


def test_what_was_asked_for_and_promised_is_kept() -> None:
    promise = Promise(
        error=0.05, confidence=0.95, kept_from=0.8, claims=3, answered=2, wrong=0, bound=0.04
    )
    wish = Tolerance(error=0.05, score=0.1)
    found = measure(TASK, {"test": part(0.9)}, promise=promise, tolerance=wish)["abstention"]
    assert found["asked"] == {"error": 0.05, "confidence": 0.95, "score": 0.1}
    assert found["promise"]["kept_from"] == 0.8


@pytest.mark.parametrize(
    ("task", "of", "scalings"),
    [
        (TASK, "texts", {"temperature": 1.0}),
        (
            ClassificationTask(labels=("a",), multi_label=True, scalings={"a": Scaling(shift=1)}),
            "labels",
            {"scalings": {"a": {"temperature": 1.0, "shift": 1.0}}},
        ),
        (
            ExtractionTask(labels=("a",)),
            "entities",
            {"scaling": {"temperature": 1.0, "shift": 0.0}},
        ),
        (QATask(temperature=3.0), "questions", {"temperature": 3.0}),
    ],
)
def test_a_document_names_what_is_counted_and_how_it_is_scaled(
    task: Any, of: str, scalings: dict[str, Any]
) -> None:
    found = measure(task, {}, promise=None)
    assert found["calibration"]["of"] == found["abstention"]["of"] == of
    assert {name: found["calibration"][name] for name in scalings} == scalings


def test_a_part_that_says_nothing_has_an_empty_row_in_the_card() -> None:
    found = measure(TASK, {"test": part()}, promise=None)
    assert "| test | 0 | | |" in summary_lines(found)
