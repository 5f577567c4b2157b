"""Labelled tasks: one label per input, or several."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, TypeVar

from burnish.tasks.base import TaskSettings
from burnish.tasks.heads import Head
from burnish.tasks.labelled.example import LabelledExample

__all__ = ["LabelledTask"]

InputT = TypeVar("InputT")
LabelledT = TypeVar("LabelledT", bound=LabelledExample)
PredictionT = TypeVar("PredictionT")


class LabelledTask(TaskSettings[InputT, LabelledT, PredictionT]):
    """A task whose model gives one number per label, to an input as a whole."""

    head: ClassVar[Head] = Head.SEQUENCE

    if TYPE_CHECKING:
        labels: tuple[str, ...]
        multi_label: bool
