"""A bundle as a model of MLflow: ``mlflow.pyfunc.load_model`` answers with it, without torch."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from burnish.bundle import Bundle, read_bundle
from burnish.errors import MissingExtraError, UsageError
from burnish.mlflow.client import found_run, import_mlflow, open_client, place_of
from burnish.tasks.table import find_task

__all__ = ["log_bundle", "save_model"]

_ARTIFACT = "bundle"
_LOADER = "burnish.mlflow.pyfunc"


def save_model(bundle: Bundle | str | os.PathLike[str], path: str | os.PathLike[str]) -> Path:
    """Write a directory that MLflow loads: ``mlflow.pyfunc.load_model(path)``.

    It holds the bundle, every file of which is verified when it is loaded. Its ``predict`` takes a
    DataFrame with the columns of the task's inputs (``text``; ``question`` and ``context``), or a
    list of texts, and returns a DataFrame with the columns that ``burnish predict -o`` adds. It
    needs ``burnish[mlflow]``, and no torch.

    Args:
        bundle: a bundle, or its directory.
        path: the directory to write; it must not exist.

    Returns:
        The directory.

    Raises:
        BundleError: the bundle is damaged or changed.
        MissingExtraError: MLflow is not installed.
        UsageError: the directory exists.
    """
    from burnish import __version__

    import_mlflow()
    try:
        import mlflow.pyfunc
        from mlflow.models import ModelSignature
        from mlflow.types import ColSpec, DataType, Schema
    except ModuleNotFoundError as error:
        raise MissingExtraError((error.name or "mlflow").partition(".")[0], "mlflow") from error

    found = read_bundle(bundle.path if isinstance(bundle, Bundle) else bundle)
    target = Path(path)
    if target.exists():
        raise UsageError(f"{target} exists already", "name a directory that does not exist")
    manifest = found.manifest
    fields = find_task(manifest.task.task).inputs.fields
    mlflow.pyfunc.save_model(
        str(target),
        loader_module=_LOADER,
        data_path=str(found.path),
        signature=ModelSignature(
            inputs=Schema([ColSpec(DataType.string, name) for name in fields])
        ),
        pip_requirements=[f"burnish[mlflow]=={__version__}"],
        metadata={
            "burnish_bundle": found.digest,
            "burnish_run": manifest.run_digest,
            "task": manifest.task.task,
            "precision": manifest.precision,
        },
    )
    return target


def log_bundle(
    bundle: Bundle | str | os.PathLike[str],
    *,
    tracking_uri: str | None = None,
    mlflow_run: str | None = None,
) -> str:
    """Log a bundle as the artifact ``bundle`` of its training's MLflow run, and its gates.

    Args:
        bundle: a bundle, or its directory.
        tracking_uri: the store. None takes ``MLFLOW_TRACKING_URI``, else
            ``runs/mlruns``.
        mlflow_run: the id of the MLflow run to write. None takes the one of the training, where
            it was tracked or logged there, or makes one in the experiment "burnish".

    Returns:
        The URI for ``mlflow.pyfunc.load_model``: ``runs:/ID/bundle``.

    Raises:
        BundleError: the bundle is damaged or changed.
        MissingExtraError: MLflow is not installed.
    """
    client = open_client(place_of(tracking_uri, beside=Path("runs")))
    found = read_bundle(bundle.path if isinstance(bundle, Bundle) else bundle)
    manifest = found.manifest
    target = mlflow_run or found_run(client, manifest.run_digest, name=manifest.name)
    with tempfile.TemporaryDirectory(prefix="burnish-") as scratch:
        made = save_model(found, Path(scratch) / _ARTIFACT)
        client.log_artifacts(target, str(made), _ARTIFACT)
    client.set_tag(target, "burnish.bundle_digest", found.digest)
    client.set_tag(target, "burnish.precision", manifest.precision)
    for gate in manifest.gates:
        client.set_tag(target, f"gate.{gate.name}", gate.verdict)
        if gate.value is not None:
            client.log_metric(target, f"gate.{gate.name}", gate.value)
    return f"runs:/{target}/{_ARTIFACT}"
