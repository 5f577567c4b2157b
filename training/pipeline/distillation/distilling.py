"""From a run to a smaller one: a student's base, and a training that the run teaches."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from burnish.data import DataSet
from burnish.errors import BurnishError, ConfigError, UsageError
from burnish.lock import training_place
from burnish.notify import Notify, ignore
from burnish.recipe.distilling import DistillSection
from burnish.recipe.recipe import Recipe, parse_recipe
from burnish.recipe.sections import TrainSection
from burnish.run import Run, read_run
from burnish.tasks.heads import Head

from ..train import train
from .pruning import Served
from .student import Asked, make_student

__all__ = ["distill", "student_recipe"]

_KEPT = ("seed", "max_length", "stride", "metric", "class_weights", "device", "threads")
"""Of the teacher's training: what decides rows, windows and scores, and the machine's share."""
_ANEW = ("pooling", "head", "revision", "search", "lora", "adapters", "prefix", "setfit")
"""What belongs to the teacher's base or method."""


def distill(
    run: Run | Path,
    output: Path,
    *,
    asked: Asked | None = None,
    base: str | None = None,
    unlabelled: Path | None = None,
    overrides: Sequence[str] = (),
    data: DataSet | Mapping[str, DataSet] | None = None,
    served: Served | None = None,
    replace: bool = False,
    fresh: bool = False,
    notify: Notify | None = None,
    progress: bool | None = None,
) -> Run:
    """Train a smaller model to answer as a run does, on the run's own rows.

    Args:
        run: the teacher.
        output: for the student's run. Its base is written beside it, with ``-base`` after the
            name, unless ``base`` names one.
        asked: how small the student is made; half of the teacher's layers where None.
        base: a base model in its place.
        unlabelled: texts without labels, which the teacher answers too.
        overrides: ``key=value`` of the student's recipe.
        data: the rows, where they are in memory, as for :func:`burnish.training.train`.
        served: times models as they are served, where a cost is asked for:
            ``burnish.export.served_share``.
        replace: put the run in place of an older one.
        fresh: begin anew where an interrupted training could go on.
        notify: told what is going on, a line at a time.
        progress: show a bar on stderr; where None, if stderr is a terminal.

    Raises:
        ConfigError: the teacher has no more layers, nothing is as cheap as asked, or an override
            is wrong.
        RunError: its encoder cannot be cut, or it cannot teach this student.
        UsageError: both a base and a size are given, or the teacher's model writes.
        UsageError, DataError, BaseModelError, StoppedError: as :func:`burnish.training.train`.
    """
    if base is not None and asked not in (None, Asked()):
        raise UsageError(
            f"the student is to be {base}, and to have another size than it",
            "give the base, or the size, but not both",
        )
    teacher = run if isinstance(run, Run) else read_run(run)
    if teacher.record.task.head is Head.WRITTEN:
        raise UsageError(
            f"{teacher.path}: a model that writes cannot teach a smaller one",
            "train a smaller base model on the same rows",
        )
    output = output.absolute()
    place = output.with_name(f"{output.name}-base")
    recipe = student_recipe(
        teacher,
        output,
        base=base or str(place),
        unlabelled=unlabelled,
        overrides=overrides,
        has_rows=data is not None,
    )
    made = False
    if base is None:
        made = make_student(
            teacher,
            place,
            asked or Asked(),
            recipe=recipe,
            data=data,
            served=served,
            replace=replace,
            say=notify or ignore,
        )
    try:
        return train(
            recipe, data=data, replace=replace, fresh=fresh, notify=notify, progress=progress
        )
    except BurnishError:
        if made and not training_place(output).exists():  # nothing that could be gone on with
            shutil.rmtree(place, ignore_errors=True)
        raise


def student_recipe(
    teacher: Run,
    output: Path,
    *,
    base: str,
    unlabelled: Path | None = None,
    overrides: Sequence[str] = (),
    has_rows: bool = False,
) -> Recipe:
    """The recipe of a student: the teacher's rows and settings, with other weights to tune.

    Args:
        teacher: the run that teaches.
        output: for the student's run.
        base: the student's base model.
        unlabelled: texts without labels.
        overrides: ``key=value``.
        has_rows: whether the rows are given in memory.

    Raises:
        ConfigError: an override is wrong, or the teacher was adopted and no rows are given.
    """
    given = teacher.recipe
    named = has_rows or any(each.startswith("data") for each in overrides)
    if given.data.train is None and not named:
        raise ConfigError(
            f"{teacher.path} is an adopted model: the rows that it learned from are not known",
            "name rows for the student: data.train=rows.csv data.validation=0.2",
        )
    section = DistillSection(
        teacher=teacher.path.absolute(),
        unlabelled=None if unlabelled is None else unlabelled.absolute(),
    )
    document: dict[str, Any] = given.model_dump(mode="json", exclude=set(_ANEW))
    document |= {
        "base_model": base,
        "method": "full",
        "train": _train_section(given.train),
        "distill": section.model_dump(mode="json"),
        "output": str(output),
    }
    return parse_recipe(document, overrides=overrides, source=f"the recipe of {teacher.path}")


def _train_section(given: TrainSection) -> Mapping[str, Any]:
    kept = given.model_dump(mode="json", include=set(_KEPT))
    return {**kept, "synthetic_questions": 0}  # the teacher was tuned on them
