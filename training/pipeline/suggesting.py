"""Suggesting: what a frozen encoder, with a classifier on the labelled rows, is unsure of."""

from __future__ import annotations

from collections.abc import Sequence

from burnish.data import Rows
from burnish.data.selection import pick_rows
from burnish.errors import DataError, UsageError
from burnish.torch_models.base import resolve_base

from ..diagnostics.frozen import NoReader
from ..diagnostics.linear import fit_linear
from ..tasks import TRAINING_TASKS

__all__ = ["suggest_with_labelled"]

_STRENGTH = 0.1


def suggest_with_labelled(
    texts: Sequence[str], labelled: Rows, *, count: int, base_model: str = "minilm"
) -> tuple[list[int], list[float]]:
    """Rows to label next, the most useful first, and how unsure each is (0 to 1).

    Args:
        texts: not labelled.
        labelled: rows with labels or entities.
        count: how many, at most.
        base_model: the encoder.

    Raises:
        UsageError: a frozen encoder says nothing of this task.
        DataError: the labelled rows teach nothing.
    """
    reader = TRAINING_TASKS[labelled.task].frozen
    if isinstance(reader, NoReader):
        raise UsageError(reader.no_suggestions, "train a model, export it, and use --bundle")
    base = resolve_base(base_model)
    read = reader.read(base, labelled.examples, multi_label=labelled.multi_label)
    if len(read.labels) < 2:
        raise DataError(f"{labelled.name} has one label", "label rows of two labels or more")
    data = read.curve
    model = fit_linear(data.vectors, data.targets, multi_label=data.multi_label, strength=_STRENGTH)
    found = reader.doubt_texts(base, texts, model=model)
    picked = pick_rows(found.vectors, found.doubts, count=count)
    return picked, [float(found.doubts[index]) for index in picked]
