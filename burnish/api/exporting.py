"""Export a run."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from burnish.api.extras import needs_train

if TYPE_CHECKING:
    from burnish.bundle import Bundle
    from burnish.calibration import Tolerance
    from burnish.export import Budgets, Precision
    from burnish.run import Run

__all__ = ["export"]


def export(
    run: Run | str | os.PathLike[str],
    output: str | os.PathLike[str],
    *,
    precision: Precision = "auto",
    budgets: Budgets | Mapping[str, float] | None = None,
    allow: Mapping[str, str] | None = None,
    data: str | os.PathLike[str] | None = None,
    name: str | None = None,
    replace: bool = False,
    tolerance: Tolerance | None = None,
    notify: Callable[[str], None] | None = None,
) -> Bundle:
    """Turn a run into a bundle: merged, converted to ONNX, quantized, and compared at every step.

    Args:
        run: a run, or its directory.
        output: the bundle directory to write. It exists afterwards only if every gate passes.
        precision: ``auto`` writes the fastest int8 graph that stays within the budgets, or fp32
            if none does. ``int8`` fails in that case. ``fp32`` does not quantize.
        budgets: limits of the gates of this export, by name; they override the recipe's.
        allow: reasons, by the name of the gate that may fail. The bundle keeps and shows them.
        data: the directory that holds the run's rows files, if they have moved.
        name: what the model is called over HTTP. None takes the directory's name.
        replace: replace an older bundle in the output directory.
        tolerance: how often answers may be wrong before they are marked as abstained. None takes
            what the recipe says.
        notify: called with one line of text per event.

    Returns:
        The bundle: its path, manifest and digest.

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
    return export_run(
        run,
        output,
        precision=precision,
        budgets=budgets,
        allow=allow,
        data=data,
        name=name,
        replace=replace,
        tolerance=tolerance,
        notify=notify,
    )
