"""Calibration, aims and abstaining from recipe and options to the bundle that is served."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import burnish
from burnish.calibration import Tolerance, reject_score
from burnish.cli import main
from burnish.errors import ConfigError, DataError, InputError, UsageError
from burnish.export import Budgets, export_run
from burnish.recipe.recipe import parse_recipe
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
    assert "Calibration of the scores" in bundle.card


def test_a_recipes_promise_is_made_again_for_the_graph_that_is_served(scoped_run, tmp_path) -> None:
    bundle = export_run(scoped_run, tmp_path / "b", budgets=LOOSE)
    promise = bundle.manifest.metrics["abstention"]["promise"]
    assert (promise["error"], promise["confidence"]) == (0.2, 0.9)
    assert promise["kept_from"] == bundle.manifest.task.abstain_below
    assert promise["bound"] <= 0.2
    assert promise["claims"] == 64
    assert "at most 20 % are wrong, with 90 % confidence" in bundle.card


def test_rows_out_of_scope_are_no_class_and_are_measured(scoped_run, tmp_path) -> None:
    bundle = export_run(scoped_run, tmp_path / "b", precision="fp32")
    found = bundle.manifest.metrics["out_of_scope"]
    assert isinstance(bundle.manifest.task, ClassificationTask)
    assert bundle.manifest.task.labels == ("money", "parcel")
    assert (found["rows"], found["against"], found["against_rows"]) == (12, "test", 32)
    assert found["auroc"]["low"] <= found["auroc"]["value"] <= found["auroc"]["high"]
    metrics = json.loads((scoped_run / "metrics.json").read_text())
    run = metrics["out_of_scope"]
    assert run["auroc"]["value"] == pytest.approx(found["auroc"]["value"], abs=0.01)
    assert {"scope_auroc", "scope_answered"} <= {gate["name"] for gate in metrics["gates"]}
    for page in (scoped_run / "report.html", scoped_run / "README.md", bundle.path / "README.md"):
        text = " ".join(page.read_text().split())
        assert "the best score separates them from the test rows with an AUROC of" in text
        assert "Answered without a mark:" in text


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
    told = [note for note in notes if "64 validation answers are too few to promise" in note]
    assert len(told) == 1  # before the search for a graph, and not again
    assert notes.index(told[0]) < next(i for i, n in enumerate(notes) if str(tmp_path) in n)
    assert "No error rate is guaranteed" in bundle.card
    with burnish.load(bundle.path, threads=1) as model:
        assert model.predict_one("my refund is late").abstained


def test_rows_out_of_scope_choose_a_score_at_export_and_per_request(scoped_run, tmp_path) -> None:
    bundle = export_run(
        scoped_run, tmp_path / "b", precision="fp32", tolerance=Tolerance(reject=0.5)
    )
    manifest = bundle.manifest
    below = manifest.task.abstain_below
    assert below == reject_score(manifest.scope_scores, 0.5)
    assert manifest.metrics["abstention"]["asked"] == {"confidence": 0.95, "reject": 0.5}
    assert manifest.metrics["out_of_scope"]["answered"]["rows"] == 6
    gates = {gate.name: gate for gate in manifest.gates}
    assert gates["scope_answered"].value == manifest.metrics["out_of_scope"]["answered"]["value"]
    assert len(gates) == len(manifest.gates)
    assert "50 % of half of the rows out of scope have a lower score" in bundle.card
    with burnish.load(bundle.path, threads=1) as model:
        (given,) = model.predict(["my refund is late"])
        assert model.abstaining(score=1).predict_one("my refund is late").abstained
        assert not model.abstaining(score=0).predict_one("my refund is late").abstained
        strict = model.abstaining(reject=0.99)
        scores = [strict.predict_one(f"where is anna {i}").abstained for i in range(12)]
        assert sum(scores) >= 6
        assert model.predict(["my refund is late"]) == [given]  # nobody else's marks have moved
        with pytest.raises(InputError, match="reject is 1, and must lie between 0 and 1"):
            model.abstaining(reject=1)
        with pytest.raises(InputError, match="abstain is empty"):
            model.abstaining()


def test_a_share_of_rows_out_of_scope_needs_such_rows(make_run, tmp_path, capsys) -> None:
    with pytest.raises(UsageError, match="but the run has none"):
        export_run(make_run("classification"), tmp_path / "b", tolerance=Tolerance(reject=0.9))
    bundle = export_run(
        make_run("classification"), tmp_path / "b", budgets=LOOSE, tolerance=Tolerance(score=0.6)
    )
    assert bundle.manifest.task.abstain_below == 0.6
    assert "Answers with a score below 0.600 are marked" in bundle.card
    with (
        burnish.load(bundle.path, threads=1) as model,
        pytest.raises(InputError, match="without rows out of scope"),
    ):
        model.abstaining(reject=0.9)
    assert main(["predict", str(bundle.path), "my refund", "--abstain-reject", "0.9"]) == 2
    assert "without rows out of scope" in capsys.readouterr().err
    assert main(["predict", str(bundle.path), "my refund", "--abstain-score", "1"]) == 0
    assert json.loads(capsys.readouterr().out)["abstained"]


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
        ({"abstain": {}}, "abstain: give error, reject or score"),
        ({"abstain": {"score": 1.5}}, "abstain -> score"),
        ({"abstain": {"reject": 1}}, "abstain -> reject"),
    ],
)
def test_what_a_recipe_cannot_ask_for_is_named(keys, message) -> None:
    document = {"task": "qa", "data": {"train": "x.jsonl", "validation": 0.2}, "output": "r"}
    with pytest.raises(ConfigError, match=message):
        parse_recipe(document | keys)
