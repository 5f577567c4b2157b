"""Trackers: real TensorBoard and MLflow where they are installed, stand-ins everywhere."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from burnish.errors import ConfigError, MissingExtraError, RunError
from burnish.training import train
from burnish.training.loop import trackers

CLIENTS: list[Client] = []


class Client:
    """What of MLflow's client is used."""

    def __init__(self, *, tracking_uri: str) -> None:
        self.uri = tracking_uri
        self.params: dict[str, str] = {}
        self.tags: dict[str, str] = {}
        self.texts: dict[str, str] = {}
        self.points: list[tuple[str, float, int]] = []
        self.status = ""
        self.broken_after = 10**9
        CLIENTS.append(self)

    def get_experiment_by_name(self, name: str) -> None:
        return None

    def create_experiment(self, name: str) -> str:
        return f"id of {name}"

    def create_run(self, experiment: str, *, run_name: str) -> Any:
        return SimpleNamespace(info=SimpleNamespace(run_id=f"{experiment}, {run_name}"))

    def log_param(self, run: str, key: str, value: str) -> None:
        self.params[key] = value

    def set_tag(self, run: str, key: str, value: str) -> None:
        self.tags[key] = value

    def log_dict(self, run: str, document: dict[str, Any], name: str) -> None:
        self.texts[name] = json.dumps(document)

    def log_artifact(self, run: str, path: str) -> None:
        self.texts[Path(path).name] = Path(path).read_text(encoding="utf-8")

    def log_text(self, run: str, text: str, name: str) -> None:
        self.texts[name] = text

    def log_metric(self, run: str, name: str, value: float, *, step: int = 0) -> None:
        if len(self.points) == self.broken_after:
            raise ConnectionError("the server is gone")
        self.points.append((name, value, step))

    def set_terminated(self, run: str, status: str) -> None:
        self.status = status


@pytest.fixture
def mlflow(monkeypatch) -> type[Client]:
    CLIENTS.clear()
    module = ModuleType("mlflow")
    module.MlflowClient = Client  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "mlflow", module)
    monkeypatch.setenv("MLFLOW_DISABLE_TELEMETRY", "true")
    monkeypatch.setenv("GIT_PYTHON_REFRESH", "quiet")
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    return Client


def test_mlflow_gets_every_step_every_epoch_and_the_recipe(make_recipe, mlflow, tmp_path) -> None:
    run = train(make_recipe("extraction", train={"tracker": "mlflow"}))
    (client,) = CLIENTS
    lines = [json.loads(line) for line in (run.path / "log.jsonl").read_text().splitlines()]
    losses = [("loss", line["loss"], line["step"]) for line in lines if "step" in line]
    scores = [line["validation"] for line in lines if "validation" in line]

    assert [point for point in client.points if point[0] == "loss"] == losses
    assert [value for name, value, _ in client.points if name == "validation"] == scores
    assert {name for name, _, _ in client.points if "." not in name} == {
        "loss",
        "learning_rate",
        "validation",
        "train",
    }
    assert client.uri == (tmp_path / "mlruns").as_uri()
    assert client.params["train.seed"] == "13"
    assert "auto" not in (client.params["train.learning_rate"], client.params["train.batch_size"])
    assert client.texts["recipe.yaml"].startswith("task: extraction")
    assert client.status == "FINISHED"


def test_the_recipe_says_where_before_the_environment_does(
    make_recipe, mlflow, monkeypatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://mlflow.example")
    settings = {"tracker": "mlflow", "epochs": 1}
    train(make_recipe("extraction", train=settings))
    train(make_recipe("extraction", train={**settings, "tracking_dir": "here"}), replace=True)

    assert [client.uri for client in CLIENTS] == ["http://mlflow.example", "here"]


def test_a_tracker_that_fails_does_not_end_the_training(make_recipe, mlflow, monkeypatch) -> None:
    def limited(*, tracking_uri: str) -> Client:
        client = Client(tracking_uri=tracking_uri)
        client.broken_after = 3
        return client

    monkeypatch.setattr(sys.modules["mlflow"], "MlflowClient", limited)
    told: list[str] = []
    train(make_recipe("extraction", train={"tracker": "mlflow"}), notify=told.append)

    said = [line for line in told if "tracker failed" in line]
    assert said == ["the tracker failed; training goes on without it: the server is gone"]
    assert len(CLIENTS[0].points) == 3


def test_a_training_that_fails_is_marked_so(make_recipe, mlflow) -> None:
    settings = {"tracker": "mlflow", "learning_rate": 1e30, "head_learning_rate": 1e30}
    with pytest.raises(RunError, match="diverged"):
        train(make_recipe("extraction", train=settings))
    assert CLIENTS[0].status == "FAILED"


def test_a_place_that_cannot_be_written_is_an_error_with_a_hint(
    make_recipe, monkeypatch, tmp_path
) -> None:
    def refuse(*_: Any) -> Any:
        raise PermissionError("not here")

    monkeypatch.setitem(trackers.TRACKERS, "mlflow", refuse)
    monkeypatch.setitem(sys.modules, "mlflow", ModuleType("mlflow"))
    with pytest.raises(RunError, match="not here") as caught:
        train(make_recipe("extraction", train={"tracker": "mlflow"}))
    assert "tracking_dir" in caught.value.hint
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["tensorboard", "mlflow"])
def test_a_missing_package_is_named_with_its_extra_before_anything_is_read(
    make_recipe, monkeypatch, name
) -> None:
    monkeypatch.setitem(sys.modules, name, None)
    recipe = make_recipe("one", train={"tracker": name}, data={"train": "/nowhere"})
    with pytest.raises(MissingExtraError) as caught:
        train(recipe)
    assert caught.value.hint == f"pip install 'burnish[{name}]'"


def test_a_place_without_a_tracker_is_refused(make_recipe) -> None:
    with pytest.raises(ConfigError, match="needs a tracker"):
        train(make_recipe("one", train={"tracking_dir": "here"}))


@pytest.mark.filterwarnings("ignore")
def test_tensorboard_itself_holds_the_curves(make_recipe, tmp_path) -> None:
    pytest.importorskip("tensorboard", reason="pip install 'burnish[tensorboard]'")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    run = train(make_recipe("extraction", train={"tracker": "tensorboard"}))
    events = EventAccumulator(str(tmp_path / "tensorboard" / "run"))
    events.Reload()

    assert [e.step for e in events.Scalars("loss")] == list(
        range(1, (run.record.training.steps or 0) + 1)
    )
    assert len(events.Scalars("validation")) == 3
    assert "recipe/text_summary" in events.Tags()["tensors"]


@pytest.mark.filterwarnings("ignore")
def test_mlflow_itself_holds_the_curves(make_recipe, tmp_path) -> None:
    pytest.importorskip("mlflow", reason="pip install 'burnish[mlflow]'")
    from mlflow import MlflowClient

    run = train(make_recipe("extraction", train={"tracker": "mlflow"}))
    client = MlflowClient(tracking_uri=(tmp_path / "mlruns").as_uri())
    experiment = client.get_experiment_by_name("burnish")
    assert experiment is not None
    (kept,) = client.search_runs([experiment.experiment_id])

    assert kept.info.run_name == "run"
    assert kept.info.status == "FINISHED"
    history = client.get_metric_history(kept.info.run_id, "loss")
    assert len(history) == run.record.training.steps
    assert kept.data.params["method"] == "full"
    score = run.metrics["test"]["metrics"]["f1"]
    assert kept.data.metrics["test.f1"] == score["value"]
    assert kept.data.metrics["test.f1.low"] == score["low"]
    gate, *_ = run.metrics["gates"]
    assert kept.data.metrics[f"gate.{gate['name']}"] == gate["value"]
    assert kept.data.tags["burnish.run_digest"] == run.digest
    artifacts = {each.path for each in client.list_artifacts(kept.info.run_id)}
    assert artifacts == {"recipe.yaml", "gates.json", "report.html", "README.md"}
    logged = "".join(
        path.read_text(encoding="utf-8", errors="replace")
        for path in (tmp_path / "mlruns").rglob("*")
        if path.is_file()
    )
    assert "lives in" not in logged, "no text of a row"
