"""Every gate judges by its own threshold, the recipe's word for it, and a reason."""

from __future__ import annotations

import math
import re
import sys
from pathlib import Path

import pytest

from burnish.errors import ConfigError
from burnish.gates import (
    CHECKS,
    Gate,
    GateSettings,
    blocking,
    check_names,
    gate_table,
    judge,
    limit_of,
)
from burnish.recipe.recipe import parse_recipe

WHY = "agreed with the ward for the pilot"


@pytest.mark.parametrize("name", [n for n, c in CHECKS.items() if c.threshold is not None])
def test_a_figure_at_the_threshold_holds_and_one_beyond_does_not(name) -> None:
    check = CHECKS[name]
    assert check.threshold is not None
    worse = 0.01 if check.holds == "at most" else -0.01
    assert judge(name, check.threshold).passed == (check.holds != "more than")
    assert judge(name, check.threshold - worse).passed
    beyond = judge(name, check.threshold + worse)
    assert not beyond.passed
    assert beyond.blocks == (check.severity == "block")


@pytest.mark.parametrize("name", ["beats_probe", "beats_baseline"])
def test_equal_is_not_better(name) -> None:
    equal, better = judge(name, 0.0), judge(name, 0.001)
    assert (equal.passed, equal.verdict) == (False, "warning")
    assert better.passed
    assert limit_of(equal) == "> 0"
    assert "| > 0 | **warning** |" in gate_table([equal])[-1]


def test_a_limit_shows_its_direction_and_an_unknown_gate_its_number() -> None:
    assert limit_of(judge("training_rows", 50)) == ">= 100"
    assert limit_of(judge("leaked_rows", 0)) == "<= 0.05"
    assert limit_of(judge("int8_size", 0.3)) == ""
    assert limit_of(Gate(name="of_old", value=1, threshold=2, passed=True)) == "2"


@pytest.mark.parametrize(
    ("name", "side", "threshold", "severity"),
    [
        ("training_rows", "at least", 100, "warn"),
        ("rows_per_label", "at least", 8, "warn"),
        ("validation_rows", "at least", 50, "warn"),
        ("leaked_rows", "at most", 0.05, "block"),
        ("learned", "at least", 1, "block"),
        ("beats_probe", "more than", 0, "warn"),
        ("beats_baseline", "more than", 0, "warn"),
        ("beats_lead", "more than", 0, "warn"),
        ("train_validation_gap", "at most", 0.3, "warn"),
        ("calibration_error", "at most", 0.1, "warn"),
        ("interval_coverage", "at least", 0.9, "warn"),
        ("scope_auroc", "at least", 0.75, "warn"),
        ("scope_answered", "at most", 0.5, "warn"),
        ("bias_flips", "at most", 0.05, "warn"),
        ("subgroup_gap", "at most", 0.05, "warn"),
        ("undocumented", "at most", 0, "block"),
        ("merged_equals_unmerged", "at most", 1e-4, "block"),
        ("merged_flips", "at most", 0, "block"),
        ("onnx_equals_torch", "at most", 1e-3, "block"),
        ("onnx_flips", "at most", 0, "block"),
        ("int8_metric_loss", "at most", 0.5, "block"),
        ("int8_agreement", "at least", 0.98, "block"),
        ("int8_answers_lost", "at most", None, "record"),
        ("int8_recall_loss", "at most", None, "block"),
        ("int8_speedup", "at least", 1.0, "block"),
        ("int8_size", "at most", None, "record"),
        ("cascade_metric_loss", "at most", 0.5, "block"),
        ("cascade_agreement", "at least", None, "record"),
        ("cascade_cost", "at most", 1.0, "block"),
        ("served_flips", "at most", 0, "block"),
    ],
)
def test_every_gate_has_the_threshold_that_was_decided(name, side, threshold, severity) -> None:
    """A change of one is a decision: it belongs into the changelog and docs/gates.md too."""
    check = CHECKS[name]
    assert (check.holds, check.threshold, check.severity) == (side, threshold, severity)
    assert check.stage == ("train" if list(CHECKS).index(name) < 16 else "export")
    fixed = {
        "merged_flips",
        "onnx_flips",
        "served_flips",
        "int8_answers_lost",
        "int8_size",
        "cascade_metric_loss",
        "cascade_agreement",
        "cascade_cost",
    }
    assert check.movable == (name not in fixed)
    assert len(CHECKS) == 30


def test_the_documented_thresholds_are_those_that_are_judged_by() -> None:
    (document,) = (Path(__file__).parents[3] / "docs").rglob("gates.md")
    rows = re.findall(r"^\| `(\w+)` \| (.+) \| (\w+) \|$", document.read_text(), re.MULTILINE)
    assert len(rows) == 16
    for name, passes, otherwise in rows:
        check = CHECKS[name]
        assert otherwise == f"{check.severity}s", name
        if check.threshold not in (0, 1):
            assert f"{check.threshold:g}" in passes, name


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("leaked_rows", math.nan, sys.float_info.max),
        ("leaked_rows", math.inf, sys.float_info.max),
        ("int8_speedup", -math.inf, -sys.float_info.max),
        ("int8_speedup", 0.25, 0.25),
    ],
)
def test_a_figure_that_is_not_finite_fails_and_is_still_valid_json(name, value, shown) -> None:
    gate = judge(name, value)
    assert (gate.blocks, gate.value) == (True, shown)
    assert Gate.model_validate_json(gate.model_dump_json()) == gate
    with pytest.raises(ValueError, match="finite"):
        Gate(name=name, value=math.inf, passed=False)


@pytest.mark.parametrize(
    ("name", "value", "passed"),
    [
        ("leaked_rows", 0.05 + 1e-13, True),
        ("leaked_rows", 0.05 + 1e-11, False),
        ("int8_agreement", 0.98 - 1e-13, True),
        ("int8_agreement", 0.98 - 1e-11, False),
        ("beats_probe", 1e-13, False),
        ("beats_probe", 1e-11, True),
    ],
)
def test_the_rounding_of_a_sum_decides_nothing(name, value, passed) -> None:
    assert judge(name, value).passed == passed


def test_a_gate_without_a_threshold_is_recorded_whatever_its_figure() -> None:
    for value in (0.0, 1e9, math.nan):
        gate = judge("int8_recall_loss", value)
        assert (gate.passed, gate.blocks, gate.verdict) == (True, False, "recorded")
    strict = judge(
        "int8_recall_loss", 2.0, settings={"int8_recall_loss": GateSettings(threshold=1)}
    )
    assert (strict.threshold, strict.blocks, strict.verdict) == (1, True, "failed")
    zero = judge("bias_flips", 0.01, settings={"bias_flips": GateSettings(threshold=0.0)})
    assert (zero.threshold, zero.passed) == (0.0, False)


@pytest.mark.parametrize(
    ("passed", "severity", "reason", "verdict", "blocks"),
    [
        (True, "block", None, "passed", False),
        (True, "warn", WHY, "passed", False),
        (False, "block", None, "failed", True),
        (False, "block", WHY, "overridden", False),
        (False, "warn", None, "warning", False),
        (False, "warn", WHY, "overridden", False),
        (False, "record", None, "recorded", False),
        (True, "record", None, "recorded", False),
    ],
)
def test_a_verdict_follows_from_figure_severity_and_reason(
    passed, severity, reason, verdict, blocks
) -> None:
    gate = Gate(
        name="g", value=1, threshold=2, passed=passed, severity=severity, reason=reason, detail="d"
    )
    assert (gate.verdict, gate.blocks) == (verdict, blocks)
    assert blocking([gate, gate]) == ((gate, gate) if blocks else ())
    assert gate.told.startswith("d")
    assert (WHY in gate.told) == (reason is not None)


def test_a_figure_without_a_detail_is_explained_by_its_gate() -> None:
    assert judge("training_rows", 5).detail == CHECKS["training_rows"].meaning
    assert judge("training_rows", 5, detail="five").detail == "five"


def test_a_table_has_a_row_per_gate_and_no_cell_too_many() -> None:
    lines = gate_table(
        [judge("training_rows", 123456, detail="a|b\nc"), judge("int8_agreement", 0.912345)]
    )
    assert lines[2] == "| training_rows | 1.235e+05 | >= 100 | passed | a\\|b c |"
    assert lines[3].startswith("| int8_agreement | 0.9123 | >= 0.98 | **failed** |")
    assert len(lines) == 4


def test_a_recipe_moves_threshold_and_severity() -> None:
    assert judge("training_rows", 50, settings={"training_rows": GateSettings(threshold=40)}).passed
    strict = judge("training_rows", 50, settings={"training_rows": GateSettings(severity="block")})
    assert blocking([strict]) == (strict,)


def test_a_recorded_gate_stops_nothing_and_is_not_reported_as_passed() -> None:
    settings = {"leaked_rows": GateSettings(severity="record", reason=WHY)}
    gate = judge("leaked_rows", 1, settings=settings)
    assert (gate.passed, gate.blocks, gate.verdict) == (False, False, "recorded")
    assert WHY in gate.told


@pytest.mark.parametrize("severity", ["warn", "record"])
def test_a_gate_that_blocks_is_lowered_for_a_reason_only(severity) -> None:
    with pytest.raises(ConfigError, match=r"gates: learned blocks.*give a reason"):
        parse_recipe(_recipe({"learned": {"severity": severity}}))
    lowered = {"learned": {"severity": severity, "reason": WHY}}
    assert parse_recipe(_recipe(lowered)).gates["learned"].reason == WHY
    parse_recipe(_recipe({"beats_probe": {"severity": "record"}}))  # it only warns


def test_a_reason_of_spaces_is_refused() -> None:
    with pytest.raises(ConfigError, match="reason"):
        parse_recipe(_recipe({"learned": {"reason": " " * 20}}))


def test_a_reason_lets_a_failed_gate_through_and_stays_off_one_that_holds() -> None:
    settings = {"leaked_rows": GateSettings(reason=WHY)}
    failed, held = (judge("leaked_rows", value, settings=settings) for value in (1.0, 0.0))
    assert (failed.passed, failed.blocks, failed.reason) == (False, False, WHY)
    assert held.reason is None


def _recipe(gates):
    return {"task": "qa", "data": {"train": "a.jsonl"}, "output": "o", "gates": gates}


def test_a_recipe_names_gates_that_exist() -> None:
    assert parse_recipe(_recipe({"learned": {"threshold": 2}})).gates["learned"].threshold == 2
    with pytest.raises(ConfigError, match="did you mean leaked_rows"):
        parse_recipe(_recipe({"leaked_row": {}}))
    with pytest.raises(ConfigError, match="there is no gate 'xyzzy'") as caught:
        check_names(["learned", "xyzzy"])
    assert caught.value.hint == f"gates: {', '.join(CHECKS)}"
    with pytest.raises(ConfigError, match=r"gates -> learned -> treshold: unknown key.*threshold"):
        parse_recipe(_recipe({"learned": {"treshold": 2}}))


@pytest.mark.parametrize("name", ["onnx_flips", "int8_size"])
def test_a_threshold_of_a_fixed_gate_is_refused(name) -> None:
    with pytest.raises(ConfigError, match=f"threshold of {name} cannot be changed"):
        parse_recipe(_recipe({name: {"threshold": 3}}))
    assert parse_recipe(_recipe({name: {"reason": WHY}})).gates[name].reason == WHY


@pytest.mark.parametrize(("length", "taken"), [(9, False), (10, True), (500, True), (501, False)])
def test_a_reason_has_ten_to_five_hundred_characters(length, taken) -> None:
    recipe = _recipe({"learned": {"reason": f" {'x' * length} "}})
    if taken:
        assert parse_recipe(recipe).gates["learned"].reason == "x" * length
    else:
        with pytest.raises(ConfigError, match="gates -> learned -> reason"):
            parse_recipe(recipe)


@pytest.mark.parametrize("threshold", [math.inf, math.nan])
def test_a_threshold_is_a_finite_number(threshold) -> None:
    with pytest.raises(ConfigError, match="gates -> learned -> threshold"):
        parse_recipe(_recipe({"learned": {"threshold": threshold}}))


def test_a_reason_of_two_letters_is_refused() -> None:
    with pytest.raises(ConfigError, match="gates -> learned -> reason"):
        parse_recipe(_recipe({"learned": {"reason": "ok"}}))
