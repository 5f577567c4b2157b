from __future__ import annotations

import math

import pytest

from burnish.bundle import Gate, Manifest
from burnish.errors import GateError, UsageError
from burnish.export import Budgets
from burnish.export.comparison import Comparison, RecallLoss
from burnish.export.files import check_name
from burnish.export.gates import Gates, int8_gates
from burnish.export.int8.timing import Timing
from burnish.tasks import ClassificationTask
from burnish.tasks.mcnemar import paired_test

HELD = Gate(name="merged_flips", value=0, threshold=0, passed=True)


def test_a_gate_that_does_not_hold_stops_and_is_kept():
    gates = Gates()
    gates.check(HELD)
    failed = Gate(name="onnx_flips", value=3, threshold=0, passed=False, detail="three")
    with pytest.raises(GateError, match="gate onnx_flips: 3 against 0; three") as caught:
        gates.check(failed)
    assert gates.passed == [HELD, failed]
    assert caught.value.gates == (HELD, failed)
    assert GateError("no").gates == ()
    Gates.allowing({"onnx_flips": "good enough here"}).check(failed)
    with pytest.raises(UsageError, match="no gate 'nothing_like_it'"):
        Gates.allowing({"nothing_like_it": "good enough here"})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("metric_loss", -0.1),
        ("metric_loss", 100.5),
        ("metric_loss", math.nan),
        ("agreement", 1.01),
        ("agreement", 98),
        ("recall_loss", -1),
        ("recall_loss", math.inf),
        ("speedup", -1),
        ("speedup", math.inf),
        ("difference", math.nan),
        ("merge_difference", -1e-9),
        ("search_rows", 0),
        ("search_rows", 2.5),
        ("search_rows", True),
    ],
)
def test_a_budget_that_makes_no_sense_is_refused_by_its_option(name, value):
    with pytest.raises(UsageError, match=f"budget {name} is ") as caught:
        Budgets(**{name: value})
    assert f"--{name.replace('_', '-')} takes a" in caught.value.hint


@pytest.mark.parametrize(
    ("rows", "lost", "kept"),
    [
        (40, 2.5, 39 / 40),
        (49, 100 / 49, 48 / 49),
        (111, 100 / 111, 0.98),
        (400, 0.5, 0.98),
        (10_000, 0.5, 0.98),
    ],
)
def test_of_few_rows_answers_are_counted_not_points(rows, lost, kept):
    budgets = Budgets()
    assert budgets.most_lost(rows) == pytest.approx(lost)
    assert budgets.least_agreement(rows) == pytest.approx(kept)
    strict = Budgets(metric_loss=0, agreement=1)
    assert (strict.most_lost(rows), strict.least_agreement(rows)) == (0, 1)


@pytest.mark.parametrize(("changed", "passed"), [(1, True), (2, False)])
def test_one_changed_answer_of_111_sends_no_graph_back(changed, passed):
    comparison = Comparison(
        rows=111,
        metric="accuracy",
        before=100 / 111,
        after=(100 - changed) / 111,
        agreement=(111 - changed) / 111,
        lost=changed,
        gained=0,
        p_value=paired_test(changed, 0),
        recall_loss=RecallLoss("", 0, 0),
    )
    gates = int8_gates(comparison, Timing(1, 2.0), size_ratio=0.3, budgets=Budgets(), forced=False)
    judged = {gate.name: gate.passed for gate in gates}
    assert judged["int8_metric_loss"] is passed
    assert judged["int8_agreement"]


def test_the_ends_of_the_ranges_are_budgets():
    Budgets(metric_loss=0, agreement=0, recall_loss=0, speedup=0, difference=0, search_rows=1)
    Budgets(metric_loss=100, agreement=1, recall_loss=None, speedup=9)


@pytest.mark.parametrize("name", ["a", "Tickets-2.1_b", "9" * 64])
def test_a_name_that_is_accepted_is_one_that_the_manifest_holds(name):
    manifest = Manifest(
        name=check_name(name),
        created="",
        burnish_version="0",
        task=ClassificationTask(labels=("a", "b")),
        precision="fp32",
        inputs=("input_ids",),
    )
    assert manifest.name == name
