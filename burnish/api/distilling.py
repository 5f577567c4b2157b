"""Train a smaller model that a run teaches."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from burnish.api.extras import needs_train
from burnish.api.recipes import listed
from burnish.api.tables import data_sets

if TYPE_CHECKING:
    from burnish.api.tables import Table
    from burnish.api.trained import TrainedRun
    from burnish.run import Run

__all__ = ["distill"]


def distill(
    run: Run | str | os.PathLike[str],
    output: str | os.PathLike[str],
    overrides: Sequence[str] = (),
    *,
    layers: int | None = None,
    cost: float | None = None,
    static: bool = False,
    base: str | os.PathLike[str] | None = None,
    unlabelled: str | os.PathLike[str] | None = None,
    data: Table | Mapping[str, Table] | None = None,
    replace: bool = False,
    fresh: bool = False,
    notify: Callable[[str], None] | None = None,
    progress: bool | None = None,
) -> TrainedRun:
    """Train a smaller model to answer as a run does, on the run's own rows.

    The student has half of the teacher's layers, or what one of ``layers``, ``cost``, ``static``
    and ``base`` says. An interrupted training continues as that of `train` does.

    Args:
        run: the teacher: a run, or its directory.
        output: the directory of the student's run. What the student starts as is a base model
            beside it, with ``-base`` after the name, unless ``base`` names one.
        overrides: ``key=value`` of the student's recipe.
        layers: how many of the teacher's layers the student keeps.
        cost: the processor time of an answer, as a share of the teacher's, both served in int8 by
            one thread of this machine; layers and their inner units are chosen for it.
        static: no layers: each token has one vector.
        base: a base model to tune instead of the teacher's layers.
        unlabelled: a file of texts without labels, which the teacher answers too.
        data: the teacher's rows, if it was trained on rows in memory, as `train` takes them. None
            takes those of the run that `train` returned.
        replace: replace an older run, and an older base of a student, there.
        fresh: start again, even if a checkpoint is there.
        notify: called with one line of text per event.
        progress: whether to draw a progress bar on standard error. None draws one on a terminal.

    Returns:
        The student's run. It has the same rows as the teacher, so `compare` can compare the two.

    Raises:
        burnish.errors.MissingExtraError: the extra ``train`` is not installed.
        burnish.errors.UsageError: more than one size is given, or the output directory holds
            something that may not be replaced.
        burnish.errors.ConfigError: the teacher has no more layers, nothing is as cheap as asked,
            or an override is wrong.
        burnish.errors.RunError: ``run`` is damaged or cannot be cut, or the training cannot go on.
        burnish.errors.DataError: the rows or the texts are wrong.
        burnish.errors.BaseModelError: the base model is refused.
        burnish.errors.StoppedError: SIGTERM or SIGINT stopped the training.

    Examples:
        >>> small = burnish.distill("runs/tickets", "runs/tickets-small", layers=2)
        >>> small.record.training.parameters / run.record.training.parameters
        0.53
    """
    with needs_train():
        from burnish.export import served_share
        from burnish.training.pipeline.distillation.distilling import distill
        from burnish.training.pipeline.distillation.student import Asked
    from burnish.api.trained import TrainedRun
    from burnish.run import Run

    parts = data_sets(data) if data is not None else getattr(run, "rows", None)
    done = distill(
        run if isinstance(run, Run) else Path(run),
        Path(output),
        asked=Asked(layers, cost, static),
        base=None if base is None else os.fspath(base),
        unlabelled=None if unlabelled is None else Path(unlabelled),
        overrides=listed(overrides),
        data=parts,
        served=served_share,
        replace=replace,
        fresh=fresh,
        notify=notify,
        progress=progress,
    )
    return TrainedRun.of(done, parts)
