"""Training on a Ray cluster, by Ray Train: for those who outgrow one machine.

::

    from burnish.recipe.recipe import load_recipe
    from burnish.training.pipeline.ray import train_on_ray

    run = train_on_ray(load_recipe(Path("tickets.yaml")), workers=4)

Ray starts the workers and joins them; what each does is :func:`burnish.training.train`, as under
``torchrun``. The rows and the base model must lie at the same paths on every machine.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from burnish import errors
from burnish.directory import check_free, staged_directory
from burnish.errors import BurnishError, MissingExtraError, RunError
from burnish.recipe.recipe import Recipe, parse_recipe
from burnish.run import Run, read_run

from ..distributed.processes import is_first
from .train import train

__all__ = ["train_on_ray"]

_RUN, _ERROR = "run", "error.json"


def train_on_ray(
    recipe: Recipe,
    *,
    workers: int = 2,
    replace: bool = False,
    storage: Path | None = None,
    threads: int = 1,
) -> Run:
    """Train as a recipe says on a Ray cluster, and leave its run directory here.

    A cluster that this process has joined (``ray.init(address=…)``, or ``RAY_ADDRESS``) is used,
    else one of this machine alone is started.

    Args:
        recipe: of :func:`burnish.recipe.recipe.load_recipe`.
        workers: how many processes share every batch.
        replace: put the run in place of an older one.
        storage: a directory that every machine and this one see, for the run's way back; on one
            machine None will do.
        threads: processors that Ray sets aside for each worker.

    Raises:
        MissingExtraError: Ray is not installed.
        RunError: a worker was lost.
        BurnishError: as :func:`burnish.training.train`.
    """
    _quiet()
    try:
        from ray.train import RunConfig, ScalingConfig
        from ray.train.torch import TorchTrainer
    except ModuleNotFoundError as error:
        raise MissingExtraError("ray", "ray") from error
    check_free(recipe.output, marker="record.json", replace=replace)
    with tempfile.TemporaryDirectory(prefix="burnish-ray-", dir=storage) as shared:
        gpu = _has_gpu(recipe)
        trainer = TorchTrainer(
            _work,
            train_loop_config={"recipe": _document(recipe), "shared": shared},
            scaling_config=ScalingConfig(
                num_workers=workers,
                use_gpu=gpu,
                resources_per_worker={"CPU": threads, **({"GPU": 1} if gpu else {})},
            ),
            run_config=RunConfig(name=recipe.output.name, storage_path=f"{shared}/ray"),
        )
        try:
            trainer.fit()
        except Exception as error:
            raise _told(Path(shared), error) from error
        with staged_directory(recipe.output, marker="record.json", replace=replace) as staging:
            shutil.copytree(Path(shared) / _RUN, staging, dirs_exist_ok=True)
    return read_run(recipe.output)


def _work(config: dict[str, Any]) -> None:
    """What a worker does: Ray has joined it to the others already."""
    shared = Path(config["shared"])
    recipe = parse_recipe(config["recipe"]).model_copy(update={"output": shared / _RUN})
    try:
        train(recipe, notify=print, progress=False)
    except BurnishError as error:
        if is_first():
            told = json.dumps([type(error).__name__, error.message, error.hint])
            (shared / _ERROR).write_text(told, encoding="utf-8")
        raise


def _document(recipe: Recipe) -> dict[str, Any]:
    """A recipe whose files are found from any directory: Ray's workers run in one of their own."""
    document = recipe.model_dump(mode="json")
    for key in ("train", "validation", "test"):
        value = getattr(recipe.data, key)
        if isinstance(value, Path):
            document["data"][key] = str(value.absolute())
    if Path(recipe.base_model).is_dir():
        document["base_model"] = str(Path(recipe.base_model).absolute())
    return document


def _told(shared: Path, error: Exception) -> BurnishError:
    """The worker's own error, where it left one."""
    try:
        name, message, hint = json.loads((shared / _ERROR).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return RunError(f"the training on Ray ended: {error}", "Ray's own log says more")
    kind: type[BurnishError] = getattr(errors, name, RunError)
    return kind(message, hint)


def _has_gpu(recipe: Recipe) -> bool:
    import ray

    ray.init(ignore_reinit_error=True, log_to_driver=False)
    return recipe.train.device != "cpu" and bool(ray.cluster_resources().get("GPU", 0))


def _quiet() -> None:
    """Ray would tell its makers how it is used, and would not wait long on a busy machine."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_TRAIN_ENABLE_V2_MIGRATION_WARNINGS", "0")
    os.environ.setdefault("RAY_worker_register_timeout_seconds", "300")
