"""Every gate judges by its own threshold, the recipe's word for it, and a reason."""

from __future__ import annotations

import math

import pytest

from burnish.config import parse_recipe
from burnish.errors import ConfigError
from burnish.gates import CHECKS, Gate, GateSettings, blocking, gate_table, judge, limit_of

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


def test_a_limit_has_its_direction_and_a_gate_of_another_version_its_number() -> None:
    assert limit_of(judge("training_rows", 50)) == ">= 100"
    assert limit_of(judge("leaked_rows", 0)) == "<= 0.05"
    assert limit_of(judge("int8_size", 0.3)) == ""
    assert limit_of(Gate(name="of_old", value=1, threshold=2, passed=True)) == "2"


def test_what_is_no_number_does_not_hold_and_is_json_all_the_same() -> None:
    gate = judge("leaked_rows", math.nan)
    assert gate.blocks
    assert math.isfinite(gate.value)


def test_a_recipe_moves_threshold_and_severity() -> None:
    assert judge("training_rows", 50, settings={"training_rows": GateSettings(threshold=40)}).passed
    strict = judge("training_rows", 50, settings={"training_rows": GateSettings(severity="block")})
    assert blocking([strict]) == (strict,)


def test_what_is_only_recorded_stops_nothing_and_is_not_said_to_hold() -> None:
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


def test_spaces_are_no_reason() -> None:
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
    with pytest.raises(ConfigError, match=r"gates -> learned -> treshold: unknown key.*threshold"):
        parse_recipe(_recipe({"learned": {"treshold": 2}}))


@pytest.mark.parametrize("name", ["onnx_flips", "int8_size"])
def test_a_threshold_that_nothing_heeds_is_refused(name) -> None:
    with pytest.raises(ConfigError, match=f"threshold of {name} cannot be changed"):
        parse_recipe(_recipe({name: {"threshold": 3}}))
    assert parse_recipe(_recipe({name: {"reason": WHY}})).gates[name].reason == WHY


def test_a_reason_has_to_say_something() -> None:
    with pytest.raises(ConfigError, match="gates -> learned -> reason"):
        parse_recipe(_recipe({"learned": {"reason": "ok"}}))
