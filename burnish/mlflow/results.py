"""What a training found, in MLflow: scores with intervals, gates, report and card."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from burnish.gates import Gate
from burnish.mlflow.client import RUN_DIGEST, found_run, open_client, place_of
from burnish.run import Run
from burnish.tasks.evaluation import Evaluation

__all__ = ["log_run", "write_results"]

_PARTS = ("validation", "test")
_FILES = ("report.html", "README.md")


def log_run(run: Run, *, tracking_uri: str | None = None, mlflow_run: str | None = None) -> str:
    """Log a run's scores, gates, report and card.

    Metrics are ``test.accuracy`` with ``test.accuracy.low`` and ``test.accuracy.high``, the ends
    of the 95 % interval, and ``gate.NAME``; the gates' verdicts are tags ``gate.NAME``. The report,
    the card and ``gates.json`` are artifacts. None of them holds a text of a row.

    Args:
        run: what was trained.
        tracking_uri: the store. None takes ``MLFLOW_TRACKING_URI``, else ``mlruns``
            beside the run, as ``train.tracker`` does.
        mlflow_run: the id of the MLflow run to write. None takes the one that this run was logged
            to before, or makes one in the experiment "burnish".

    Returns:
        The id of the MLflow run.

    Raises:
        MissingExtraError: MLflow is not installed.
    """
    client = open_client(place_of(tracking_uri, beside=run.path.parent))
    target = mlflow_run or found_run(client, run.digest, name=run.path.name)
    write_results(client, target, run)
    return target


def write_results(client: Any, target: str, run: Run) -> None:
    """Log what :func:`log_run` logs, with an open client.

    Args:
        client: of the store.
        target: the id of the MLflow run.
        run: what was trained.
    """
    client.set_tag(target, RUN_DIGEST, run.digest)
    for name, value in _scores(run):
        client.log_metric(target, name, value)
    gates = [Gate.model_validate(entry) for entry in run.metrics.get("gates", ())]
    for gate in gates:
        client.set_tag(target, f"gate.{gate.name}", gate.verdict)
        if gate.value is not None:
            client.log_metric(target, f"gate.{gate.name}", gate.value)
    document: dict[str, Any] = {"gates": [gate.model_dump(mode="json") for gate in gates]}
    client.log_dict(target, document, "gates.json")
    for name in _FILES:
        if (run.path / name).is_file():
            client.log_artifact(target, str(run.path / name))


def _scores(run: Run) -> Iterator[tuple[str, float]]:
    for part in _PARTS:
        if part not in run.metrics:
            continue
        for name, found in Evaluation.from_json(run.metrics[part]).metrics.items():
            yield f"{part}.{name}", found.value
            yield f"{part}.{name}.low", found.low
            yield f"{part}.{name}.high", found.high
