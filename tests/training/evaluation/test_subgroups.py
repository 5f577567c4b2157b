"""Subgroups: a planted gap is found in every task, a control without it is not flagged."""

from __future__ import annotations

import json
import random
from typing import Any

import numpy as np
import pytest
from scipy.stats import binomtest

from burnish.errors import DataError, MissingExtraError
from burnish.evidence.report import read_facts
from burnish.recipe.recipe import load_recipe
from burnish.tasks import ClassificationTask, ExtractionTask, QATask
from burnish.tasks.answered import Answered
from burnish.tasks.classification.example import ClassificationExample
from burnish.tasks.classification.prediction import Classification
from burnish.tasks.extraction.example import ExtractionExample, Span
from burnish.tasks.extraction.prediction import Entity, Extraction
from burnish.tasks.qa.example import QAExample
from burnish.tasks.qa.prediction import Answer, QAPrediction
from burnish.training import train
from burnish.training.evaluation import subgroups
from burnish.training.evaluation.subgroups import score_subgroups
from burnish.training.pipeline.reproduction import reproduce_run


def _rows(*, planted: bool) -> list[dict[str, str]]:
    """Texts that their words decide; in the south, where planted, the other way round."""
    rng = random.Random(3)
    rows = []
    for index in range(240):
        late, south = rng.random() < 0.5, rng.random() < 0.3
        word = rng.choice(("refund", "money")) if late else rng.choice(("login", "password"))
        label = "yes" if late != (south and planted) else "no"
        site = "south-ward" if south else "north-ward"
        rows.append({"text": f"{word} {index}", "label": label, "site": site})
    rows[0]["site"] = ""
    return rows


def _trained(make_recipe, tmp_path, *, planted: bool):
    file = tmp_path / "rows.jsonl"
    file.write_text("\n".join(json.dumps(row) for row in _rows(planted=planted)))
    data = {"train": str(file), "test": 0.4, "subgroups": ["site"]}
    run = train(make_recipe("one", method="head", data=data, train={"epochs": 1}))
    return run, next(gate for gate in run.metrics["gates"] if gate["name"] == "subgroup_gap")


def test_a_planted_gap_is_found_shown_and_made_again(make_recipe, tmp_path) -> None:
    run, gate = _trained(make_recipe, tmp_path, planted=True)
    (report,) = read_facts(run).subgroups["tuned"]
    (frozen,) = read_facts(run).subgroups["frozen"]

    assert not gate["passed"]
    assert gate["severity"] == "warn"
    assert gate["value"] == report.low
    assert (report.gap or 0) > 0.5
    assert (frozen.gap or 0) > 0.5
    assert sum(each.rows for each in report.subgroups) == run.metrics["test"]["rows"]
    assert load_recipe(run.path / "recipe.yaml").data.subgroups == ("site",)
    errors = read_facts(run).errors
    assert errors is not None
    assert "south-ward" in {each.name for each in errors.slices if each.by == "site"}
    for name in ("report.html", "README.md"):
        assert "south-ward" in (run.path / name).read_text()
    assert "ward" not in gate["detail"]  # a bundle keeps it, and a service shows it
    assert "ward" not in (run.path / "log.jsonl").read_text()
    assert reproduce_run(run).bit_equal


def test_a_control_without_a_gap_is_not_flagged(make_recipe, tmp_path) -> None:
    run, gate = _trained(make_recipe, tmp_path, planted=False)
    assert run.metrics["test"]["metrics"]["accuracy"]["value"] > 0.8
    assert gate["passed"]


def test_a_gap_of_two_columns_together_that_neither_has_alone(make_recipe, tmp_path) -> None:
    rng = random.Random(3)
    rows = []
    for index in range(400):
        late, who, years = rng.random() < 0.5, rng.choice("fm"), rng.choice(("18-59", "60+"))
        word = rng.choice(("refund", "money")) if late else rng.choice(("login", "password"))
        turned = (who, years) in (("f", "60+"), ("m", "18-59")) and rng.random() < 0.35
        label = "yes" if late != turned else "no"
        rows.append({"text": f"{word} {index}", "label": label, "sex": who, "age": years})
    file = tmp_path / "rows.jsonl"
    file.write_text("\n".join(json.dumps(row) for row in rows))
    data = {"train": str(file), "test": 0.5, "subgroups": ["sex", "age", "sex+age"]}
    run = train(make_recipe("one", method="head", data=data, train={"epochs": 1}))
    sex, age, both = read_facts(run).subgroups["tuned"]

    assert [each.name for each in both.subgroups] == ["f, 18-59", "f, 60+", "m, 18-59", "m, 60+"]
    assert both.column == "sex+age"
    assert (sex.low, age.low) == (0, 0)
    assert (both.low or 0) > 0.05
    (gate,) = [each for each in run.metrics["gates"] if each["name"] == "subgroup_gap"]
    assert (gate["passed"], gate["value"]) == (False, both.low)
    assert "subgroups of 'sex+age'" in gate["detail"]
    for name in ("report.html", "README.md"):
        text = (run.path / name).read_text()
        assert "sex+age" in text
        assert "f, 60+" in text


def test_rows_that_are_only_learned_from_need_no_column(make_recipe, files, tmp_path) -> None:
    lines = [json.loads(line) for line in files["one"].read_text().splitlines()]
    parts = {"train": lines[:30], "validation": [{**row, "site": "a"} for row in lines[30:]]}
    for name, rows in parts.items():
        (tmp_path / f"{name}.jsonl").write_text("\n".join(json.dumps(row) for row in rows))
    named = {name: str(tmp_path / f"{name}.jsonl") for name in parts}
    data = {**named, "test": None, "subgroups": "site"}
    settings = {"epochs": 1}
    run = train(make_recipe("one", method="head", data=data, train=settings))
    (report,) = read_facts(run).subgroups["tuned"]
    assert [(each.name, each.rows) for each in report.subgroups] == [("a", 30)]
    assert report.gap is None
    assert "subgroup_gap" not in {gate["name"] for gate in run.metrics["gates"]}
    recipe = make_recipe("one", data={**data, "validation": 0.2}, train=settings)
    with pytest.raises(DataError, match="no column 'site'"):
        train(recipe, replace=True)


@pytest.mark.parametrize("kind", ["several", "extraction", "qa"])
def test_every_tasks_rows_carry_their_subgroups_to_the_scores(
    make_recipe, files, tmp_path, kind
) -> None:
    lines = files[kind].read_text().splitlines()
    rows = [{**json.loads(line), "site": ["a", "b", None][i % 3]} for i, line in enumerate(lines)]
    (tmp_path / "rows.jsonl").write_text("\n".join(json.dumps(row) for row in rows))
    data = {"train": str(tmp_path / "rows.jsonl"), "test": 0.5, "subgroups": "site"}
    run = train(make_recipe(kind, method="head", data=data, train={"epochs": 1}))
    found = read_facts(run).subgroups
    counts = {each.name: each.rows for each in found["tuned"][0].subgroups}
    assert set(counts) == {"a", "b", "not given"}
    assert sum(counts.values()) == run.metrics["test"]["rows"]
    assert ("frozen" in found) == (kind == "several")


def test_without_fairlearn_nothing_is_begun(make_recipe, monkeypatch) -> None:
    monkeypatch.setattr(subgroups, "find_spec", lambda _: None)
    with pytest.raises(MissingExtraError, match="fairlearn"):
        train(make_recipe("one", base_model="/nowhere", data={"subgroups": ["site"]}))


def _labelled(*labels: str) -> Classification:
    return Classification(labels=labels, scores=(), tokens=1, windows=1)


def _one_label(index: int, right: bool, **keys):
    label = "ab"[index % 2]
    example = ClassificationExample(id=f"f:{index}", text="x", labels=(label,), **keys)
    return example, _labelled(label if right else "ba"[index % 2])


def _several(index: int, right: bool, **keys):
    example = ClassificationExample(id=f"f:{index}", text="x", labels=("a", "b"), **keys)
    return example, _labelled(*("a", "b") if right else ("c",))


def _entity(index: int, right: bool, **keys):
    example = ExtractionExample(id=f"f:{index}", text="anna", entities=(Span(0, 4, "p"),), **keys)
    found = (Entity("p", 1.0, "anna", 0, 4),) if right else ()
    return example, Extraction(entities=found, tokens=1, windows=1)


def _question(index: int, right: bool, **keys):
    example = QAExample(id=f"f:{index}", context="x y", question="q", answers=(), **keys)
    said = Answer("", 1.0, 0, 0) if right else Answer("x", 1.0, 0, 1)
    return example, QAPrediction(answers=(said,), tokens=1, windows=1)


_TASKS: list[tuple[Any, Any]] = [
    (ClassificationTask(labels=("a", "b")), _one_label),
    (ClassificationTask(labels=("a", "b", "c"), multi_label=True), _several),
    (ExtractionTask(labels=("p",)), _entity),
    (QATask(), _question),
]


def _scored(task, make, plan):
    """One column's report; the plan is (subgroup, rows, right ones) each."""
    pairs = [
        make(index, index < right, subgroups=(name,))
        for name, rows, right in plan
        for index in range(rows)
    ]
    examples, predictions = zip(*pairs, strict=True)
    report: Any
    (report,) = score_subgroups(task, Answered(examples, predictions), ("site",), part="test")
    return report, {each.name: each for each in report.subgroups}


@pytest.mark.parametrize(("task", "make"), _TASKS)
def test_every_task_is_scored_by_its_own_metric(task, make) -> None:
    report, found = _scored(task, make, [("north", 60, 60), ("south", 60, 15)])
    alike, _ = _scored(task, make, [("north", 60, 45), ("south", 60, 46)])

    assert report.metric == task.main_metric
    assert found["north"].score == 1
    assert found["south"].low < found["south"].score < found["south"].high < 0.7
    assert report.gap == pytest.approx(1 - found["south"].score)
    assert 0.3 < report.low < report.gap < report.high
    assert alike.low == 0


@pytest.mark.parametrize(("task", "make"), _TASKS)
def test_subgroups_that_are_all_right_are_no_surer_than_their_rows_allow(task, make) -> None:
    report, found = _scored(task, make, [("north", 12, 12), ("south", 12, 12)])
    share = binomtest(12, 12).proportion_ci(method="wilson").low

    assert (found["north"].score, found["north"].high) == (1, 1)
    assert found["north"].low == pytest.approx(share)
    assert report.low == report.gap == 0 < report.high


@pytest.mark.parametrize(("task", "make"), _TASKS)
def test_a_subgroup_of_few_rows_is_reported_and_not_compared(task, make) -> None:
    report, found = _scored(task, make, [("a", 40, 30), ("b", 40, 29), ("few", 9, 0)])
    assert (found["few"].rows, found["few"].compared) == (9, False)
    assert found["few"].score == 0
    assert report.gap == pytest.approx(abs(found["a"].score - found["b"].score))
    assert [each.name for each in report.left_out] == ["few"]


def test_rows_with_nothing_to_find_have_no_score() -> None:
    task, make = _TASKS[2]
    plan = [("a", 20, 20), ("b", 20, 20)]
    pairs = [make(i, True, subgroups=(name,)) for name, rows, _ in plan for i in range(rows)]
    empty = ExtractionExample(id="f:99", text="none", entities=(), subgroups=("none",))
    pairs += [(empty, Extraction(entities=(), tokens=1, windows=1))] * 30
    examples, predictions = zip(*pairs, strict=True)
    (report,) = score_subgroups(task, Answered(examples, predictions), ("site",), part="test")
    (none,) = report.left_out
    assert (none.name, none.rows, none.score, none.low) == ("none", 30, None, None)
    assert report.gap == 0


def test_labels_are_counted_by_subgroup() -> None:
    task, make = _TASKS[0]
    report, found = _scored(task, make, [("a", 40, 40), ("b", 40, 20), ("c", 12, 12)])
    # Of b's 40 rows the first 20 are right, the others turned round: as many of each as before.
    assert found["b"].selection == {"a": 0.5, "b": 0.5}
    assert found["b"].recall == {"a": 0.5, "b": 0.5}
    assert found["c"].recall == {"a": None, "b": None}  # six rows of each
    assert {each.label: (each.selection, each.recall) for each in report.labels} == {
        "a": (0, 0.5),
        "b": (0, 0.5),
    }


def test_a_second_column_makes_the_first_less_sure() -> None:
    rng = np.random.default_rng(1)
    task, make = _TASKS[0]
    pairs = [
        make(i, i % 3 > 0 or i < 60, subgroups=("a" if i < 60 else "b", str(rng.integers(2))))
        for i in range(120)
    ]
    answered = Answered(*zip(*pairs, strict=True))
    alone: Any
    site: Any
    (alone,) = score_subgroups(task, answered, ("site",), part="test")
    site, other = score_subgroups(task, answered, ("site", "other"), part="test")
    assert site.gap == alone.gap
    assert 0 < site.low < alone.low
    assert other.low == 0
