"""Calibration, aims and abstaining from recipe and options to the bundle that is served."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import burnish
from burnish.calibration import Tolerance
from burnish.config import parse_recipe
from burnish.errors import ConfigError, DataError
from burnish.export import Budgets, export_run
from burnish.tasks import ClassificationTask
from burnish.training import train
from tests.tiny import tiny_base

LOOSE = Budgets(metric_loss=100, agreement=0, speedup=0)


@pytest.fixture(scope="module")
def scoped_run(tmp_path_factory) -> Path:
    """Two labels told by a word, a third out of scope, and a promise that 26 rows allow."""
    place = tmp_path_factory.mktemp("scoped")
    rows = [
        {"text": f"my {word} is late {i}", "label": label}
        for i in range(80)
        for word, label in (("refund", "money"), ("parcel", "parcel"))
    ]
    rows += [{"text": f"where is anna {i}", "label": "oos"} for i in range(12)]
    (place / "rows.jsonl").write_text("\n".join(map(json.dumps, rows)))
    base = tiny_base(place / "base", checkpoint="mlm", pooling="mean")
    recipe = {
        "task": "classification",
        "base_model": str(base),
        "data": {
            "train": str(place / "rows.jsonl"),
            "validation": 0.4,
            "test": 0.2,
            "out_of_scope": "oos",
        },
        "train": {"epochs": 1, "max_length": 32, "stride": 8, "threads": 1},
        "abstain": {"error": 0.2, "confidence": 0.9},
        "output": str(place / "run"),
    }
    return train(parse_recipe(recipe), progress=False).path


@pytest.mark.parametrize("task", ["classification", "extraction", "qa"])
def test_every_task_is_measured_on_every_part(make_run, tmp_path, task) -> None:
    bundle = export_run(make_run(task), tmp_path / "b", budgets=LOOSE)
    metrics = bundle.manifest.metrics
    for part in ("validation", "test"):
        each = metrics["calibration"]["parts"][part]["after"]
        assert sum(b["count"] for b in each["bins"]) == each["claims"]
        assert metrics["abstention"]["parts"][part]["coverage"] == 1.0
    assert metrics["abstention"]["promise"] is None
    assert "How far scores can be trusted" in bundle.card


def test_a_recipes_promise_is_made_again_for_the_graph_that_is_served(scoped_run, tmp_path) -> None:
    bundle = export_run(scoped_run, tmp_path / "b", budgets=LOOSE)
    promise = bundle.manifest.metrics["abstention"]["promise"]
    assert (promise["error"], promise["confidence"]) == (0.2, 0.9)
    assert promise["kept_from"] == bundle.manifest.task.abstain_below
    assert promise["bound"] <= 0.2
    assert promise["claims"] == 64
    assert "at most 20 % is wrong, with 90 % confidence" in bundle.card


def test_rows_out_of_scope_are_no_class_and_are_measured(scoped_run, tmp_path) -> None:
    bundle = export_run(scoped_run, tmp_path / "b", precision="fp32")
    found = bundle.manifest.metrics["out_of_scope"]
    assert isinstance(bundle.manifest.task, ClassificationTask)
    assert bundle.manifest.task.labels == ("money", "parcel")
    assert (found["rows"], found["against"], found["against_rows"]) == (12, "test", 32)
    assert found["auroc"]["low"] <= found["auroc"]["value"] <= found["auroc"]["high"]
    run = json.loads((scoped_run / "metrics.json").read_text())["out_of_scope"]
    assert run["auroc"]["value"] == pytest.approx(found["auroc"]["value"], abs=0.01)


def test_the_options_tolerance_goes_before_the_recipes(scoped_run, tmp_path) -> None:
    notes: list[str] = []
    bundle = export_run(
        scoped_run,
        tmp_path / "b",
        precision="fp32",
        tolerance=Tolerance(error=0.01),
        notify=notes.append,
    )
    promise = bundle.manifest.metrics["abstention"]["promise"]
    assert promise["kept_from"] is None
    assert any("validation has 64 answers, too few to promise" in note for note in notes)
    assert "Nothing is promised" in bundle.card
    with burnish.load(bundle.path, threads=1) as model:
        assert model.predict_one("my refund is late").abstained


def test_a_label_out_of_scope_that_no_row_has_is_refused(scoped_run, tmp_path) -> None:
    recipe = parse_recipe(
        {
            "task": "classification",
            "data": {
                "train": str(scoped_run.parent / "rows.jsonl"),
                "validation": 0.4,
                "out_of_scope": "elsewhere",
            },
            "base_model": str(scoped_run.parent / "base"),
            "output": str(tmp_path / "run"),
        }
    )
    with pytest.raises(DataError, match="no row has the label 'elsewhere'"):
        train(recipe, progress=False)


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"thresholds": "precision>=2"}, "thresholds: must be f1, precision>=P or recall>=R"),
        ({"abstain": {"error": 1.5}}, "abstain"),
        ({"abstain": {"errors": 0.1}}, "abstain"),
    ],
)
def test_what_a_recipe_cannot_ask_for_is_named(keys, message) -> None:
    document = {"task": "qa", "data": {"train": "x.jsonl", "validation": 0.2}, "output": "r"}
    with pytest.raises(ConfigError, match=message):
        parse_recipe(document | keys)
