"""The client of an MLflow store, and the experiment that burnish writes."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from burnish.errors import BurnishError, MissingExtraError

__all__ = ["RUN_DIGEST", "experiment_of", "found_run", "import_mlflow", "open_client", "place_of"]

_EXPERIMENT = "burnish"
RUN_DIGEST = "burnish.run_digest"
"""The tag that says which burnish run an MLflow run is about."""


def place_of(given: str | None, *, beside: Path) -> str:
    """The store that a caller names, else MLflow's variable, else ``mlruns`` in a directory."""
    return given or os.environ.get("MLFLOW_TRACKING_URI") or (beside / "mlruns").absolute().as_uri()


def import_mlflow() -> None:
    """Import MLflow without its telemetry.

    Raises:
        MissingExtraError: MLflow is not installed.
    """
    # MLflow reads this on import; else it would report its use to its makers.
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")
    # The small package can write only to a directory, which MLflow discourages.
    os.environ.setdefault("MLFLOW_ALLOW_FILE_STORE", "true")
    try:
        import mlflow  # noqa: F401
    except ModuleNotFoundError as error:
        raise MissingExtraError((error.name or "mlflow").partition(".")[0], "mlflow") from error


def open_client(place: str) -> Any:
    """MLflow's client of a store.

    Args:
        place: a directory or its URI, or a server's address.

    Raises:
        MissingExtraError: MLflow is not installed.
        BurnishError: the store is a database, and what that needs is not installed.
    """
    import_mlflow()
    from mlflow import MlflowClient

    try:
        return MlflowClient(tracking_uri=place)
    except ModuleNotFoundError as error:
        raise BurnishError(
            f"this MLflow store needs the package {error.name!r}",
            "pip install mlflow, which can write databases; or name a directory or a server",
        ) from error


def experiment_of(client: Any) -> str:
    """The id of the experiment "burnish", which is made where it is missing."""
    known = client.get_experiment_by_name(_EXPERIMENT)
    return str(known.experiment_id if known else client.create_experiment(_EXPERIMENT))


def found_run(client: Any, digest: str, *, name: str) -> str:
    """The id of the newest MLflow run about a burnish run; one is made where there is none.

    Args:
        client: of the store.
        digest: of the burnish run.
        name: of an MLflow run that is made.
    """
    experiment = experiment_of(client)
    asked = f"tags.`{RUN_DIGEST}` = '{digest}'"
    found = client.search_runs(
        [experiment], filter_string=asked, max_results=1, order_by=["attributes.start_time DESC"]
    )
    if found:
        return str(found[0].info.run_id)
    made = client.create_run(experiment, run_name=name, tags={RUN_DIGEST: digest})
    client.set_terminated(made.info.run_id, "FINISHED")
    return str(made.info.run_id)
