"""Trackers: a training's curve in TensorBoard or MLflow, if the recipe names one.

Nothing is sent or written unless ``train.tracker`` names one. MLflow's own telemetry is off.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from operator import methodcaller
from pathlib import Path
from typing import Any, Protocol

import yaml

from burnish.errors import ConfigError, MissingExtraError, RunError
from burnish.mlflow.client import experiment_of, open_client
from burnish.mlflow.results import write_results
from burnish.notify import Notify
from burnish.recipe.recipe import Recipe
from burnish.run import Run

from ..distributed.processes import is_first

__all__ = ["TRACKERS", "Curve", "Tracker", "check_tracker", "report", "tracked"]


class Tracker(Protocol):
    """A receiver of curves."""

    def number(self, name: str, value: float, *, step: int) -> None:
        """Add a point to a curve."""

    def close(self, *, done: bool) -> None:
        """End the curves; ``done`` tells whether the training succeeded."""

    def publish(self, run: Run) -> None:
        """Add what the finished training found."""


class TensorBoard:
    """An event file in a directory: ``tensorboard --logdir DIRECTORY``.

    Args:
        recipe: resolved; shown under Text.
        place: the parent of the run's directory.
        name: the name of the run's directory.
    """

    def __init__(self, recipe: Recipe, place: str, name: str) -> None:
        from torch.utils.tensorboard import SummaryWriter

        self._writer: Any = SummaryWriter(str(Path(place) / name))
        indented = "\n".join(f"    {line}" for line in _as_yaml(recipe).splitlines())
        self._writer.add_text("recipe", indented)

    def number(self, name: str, value: float, *, step: int) -> None:
        """Add a point to a curve."""
        self._writer.add_scalar(name, value, step)

    def close(self, *, done: bool) -> None:
        """Write the file."""
        del done
        self._writer.close()

    def publish(self, run: Run) -> None:
        """Nothing: an event file has curves alone."""


class MLflow:
    """A run of the experiment "burnish" in an MLflow store: a directory, or a server's address.

    Args:
        recipe: resolved; its keys are the run's parameters, its text an artifact.
        place: the tracking URI.
        name: the run's name.
    """

    def __init__(self, recipe: Recipe, place: str, name: str) -> None:
        self._client: Any = open_client(place)
        created = self._client.create_run(experiment_of(self._client), run_name=name)
        self._run = created.info.run_id
        for key, value in _parameters(recipe).items():
            self._client.log_param(self._run, key, value)
        self._client.log_text(self._run, _as_yaml(recipe), "recipe.yaml")

    def number(self, name: str, value: float, *, step: int) -> None:
        """Add a point to a curve."""
        self._client.log_metric(self._run, name, value, step=step)

    def close(self, *, done: bool) -> None:
        """Record how the training ended."""
        self._client.set_terminated(self._run, "FINISHED" if done else "FAILED")

    def publish(self, run: Run) -> None:
        """Add scores with intervals, gates, report and card."""
        write_results(self._client, self._run, run)


TRACKERS: dict[str, Callable[[Recipe, str, str], Tracker]] = {
    "tensorboard": TensorBoard,
    "mlflow": MLflow,
}
"""By the name in a recipe, which is also the package's name."""

_tracking: ContextVar[Curve | None] = ContextVar("tracking", default=None)


def check_tracker(recipe: Recipe) -> None:
    """Refuse a tracker that cannot work, before anything is read.

    Raises:
        MissingExtraError: its package is not installed.
        ConfigError: the recipe names a directory but no tracker.
    """
    name = recipe.train.tracker
    if name == "none":
        if recipe.train.tracking_dir is not None:
            raise ConfigError(
                "train -> tracking_dir: needs a tracker",
                f"use train.tracker={' or '.join(TRACKERS)}, or remove tracking_dir",
            )
        return
    try:
        __import__(name)
    except ModuleNotFoundError as error:
        raise MissingExtraError((error.name or name).partition(".")[0], name) from error


@contextmanager
def tracked(recipe: Recipe, say: Notify, *, name: str) -> Iterator[Curve | None]:
    """Pass what :func:`report` gets in the block to the tracker, in the first process only.

    Args:
        recipe: resolved.
        say: called with the tracker's place, and where it fails.
        name: the curve's name.

    Returns:
        The curve, to which the finished run can be published; None without a tracker.

    Raises:
        RunError: the tracker's place cannot be written.
    """
    if recipe.train.tracker == "none" or not is_first():
        yield None
        return
    curve = Curve(_open(recipe, say, name), say)
    token = _tracking.set(curve)
    try:
        yield curve
    except BaseException:
        curve.close(done=False)
        raise
    else:
        curve.close(done=True)
    finally:
        _tracking.reset(token)


def report(entry: dict[str, Any]) -> None:
    """Pass a line of ``log.jsonl``, of a step or an epoch, to the tracker."""
    if (curve := _tracking.get()) is not None:
        curve.add(entry)


class Curve:
    """Passes points to a tracker, whose failure is reported but does not end the training."""

    def __init__(self, tracker: Tracker, say: Notify) -> None:
        self._tracker: Tracker | None = tracker
        self._say = say
        self._step = 0

    def add(self, entry: dict[str, Any]) -> None:
        """Add the points of a line of ``log.jsonl``."""
        self._step = entry.get("step", self._step)
        shown = {
            name: float(entry[name])
            for name in ("loss", "learning_rate", "validation", "train")
            if entry.get(name) is not None
        }
        for name, value in shown.items():
            self._try(methodcaller("number", name, value, step=self._step))

    def close(self, *, done: bool) -> None:
        """End the curves."""
        self._try(lambda tracker: tracker.close(done=done))

    def publish(self, run: Run) -> None:
        """Add what the finished training found, where the tracker keeps more than curves."""
        self._try(lambda tracker: tracker.publish(run))

    def _try(self, act: Callable[[Tracker], None]) -> None:
        if self._tracker is None:
            return
        try:
            act(self._tracker)
        except Exception as error:  # noqa: BLE001  whatever it is, the training is worth more
            self._tracker = None
            self._say(f"the tracker failed; training goes on without it: {error}")


def _open(recipe: Recipe, say: Notify, name: str) -> Tracker:
    kind = recipe.train.tracker
    place = _place(recipe)
    say(f"tracking in {kind}: {place}")
    try:
        return TRACKERS[kind](recipe, place, name)
    except Exception as error:
        raise RunError(
            f"{kind} cannot be written at {place}: {error}",
            "choose where: train.tracking_dir=DIRECTORY, or remove train.tracker",
        ) from error


def _place(recipe: Recipe) -> str:
    """The recipe's place, else that of MLflow's variable, else a directory beside the run."""
    if recipe.train.tracking_dir is not None:
        return recipe.train.tracking_dir
    beside = recipe.output.absolute().parent
    if recipe.train.tracker == "mlflow":
        return os.environ.get("MLFLOW_TRACKING_URI") or (beside / "mlruns").as_uri()
    return str(beside / "tensorboard")


def _parameters(recipe: Recipe) -> dict[str, str]:
    flat = {"task": recipe.task, "base_model": recipe.base_model, "method": recipe.method}
    return flat | {f"train.{key}": str(value) for key, value in recipe.train.model_dump().items()}


def _as_yaml(recipe: Recipe) -> str:
    return yaml.safe_dump(recipe.model_dump(mode="json"), sort_keys=False, allow_unicode=True)
