"""Export a run."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from burnish.api.extras import needs_train
from burnish.api.tables import data_sets

if TYPE_CHECKING:
    from burnish.api.exported import ExportedBundle
    from burnish.api.tables import Table
    from burnish.calibration import Tolerance
    from burnish.export import Budgets, Precision
    from burnish.run import Run
    from burnish.steps import Watch

__all__ = ["export"]


def export(
    run: Run | str | os.PathLike[str],
    output: str | os.PathLike[str],
    *,
    precision: Precision = "auto",
    budgets: Budgets | Mapping[str, float] | None = None,
    allow: Mapping[str, str] | None = None,
    data: str | os.PathLike[str] | Table | Mapping[str, Table] | None = None,
    name: str | None = None,
    replace: bool = False,
    tolerance: Tolerance | None = None,
    first: Run | str | os.PathLike[str] | None = None,
    notify: Callable[[str], None] | None = None,
    watch: Watch | None = None,
) -> ExportedBundle:
    """Turn a run into a bundle: merged, converted to ONNX, quantized, and compared at every step.

    Args:
        run: a run, or its directory.
        output: the bundle directory to write. It exists afterwards only if every gate passes.
        precision: ``auto`` writes the fastest int8 graph that stays within the budgets, or fp32
            if none does. ``int8`` fails in that case. ``fp32`` does not quantize.
        budgets: limits of the gates of this export, by name; they override the recipe's.
        allow: reasons, by the name of the gate that may fail. The bundle keeps and shows them.
        data: the directory that holds the run's rows files, if they have moved; or the rows, where
            the run was trained on rows in memory, as `train` takes them.
        name: what the model is called over HTTP. None takes the directory's name.
        replace: replace an older bundle in the output directory.
        tolerance: how often answers may be wrong before they are marked as abstained. None takes
            what the recipe says.
        first: a smaller run for the same labels, such as `distill` makes. It answers where it is
            sure enough to lose no more than ``metric_loss`` of the budgets, and the run's model
            answers the rest. The bundle holds both.
        notify: called with one line of text per event.
        watch: called with a `burnish.steps.Step` as it begins, and as each part of it is done.

    Returns:
        The bundle: its path, manifest and digest. It predicts and evaluates, and a notebook shows
        its scores and gates.

    Raises:
        burnish.errors.MissingExtraError: the extra ``train`` is not installed.
        burnish.errors.GateError: a gate failed; its ``gates`` hold all figures so far.
        burnish.errors.RunError: the run is damaged, or its base model has changed.
        burnish.errors.DataError: the rows have changed since the training.
        burnish.errors.UsageError: the output exists, or there is no such precision or gate.

    Examples:
        >>> bundle = burnish.export(run, "bundles/tickets")
        >>> bundle.manifest.precision
        'int8'
    """
    with needs_train():
        from burnish.export import export_run
    from burnish.api.exported import ExportedBundle
    from burnish.recipe.recipe import load_recipe
    from burnish.run import Run

    if not (data is None or isinstance(data, str | os.PathLike)):
        data = data_sets(data)
    bundle = export_run(
        run,
        output,
        precision=precision,
        budgets=budgets,
        allow=allow,
        data=data,
        name=name,
        replace=replace,
        tolerance=tolerance,
        first=first,
        notify=notify,
        watch=watch,
    )
    recipe = run.recipe if isinstance(run, Run) else load_recipe(Path(run) / "recipe.yaml")
    return ExportedBundle.of(bundle, recipe.data.columns_to_score())
