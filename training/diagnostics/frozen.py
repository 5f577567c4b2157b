"""How a frozen encoder reads the rows of a task, for the diagnosis and the suggestions."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from burnish.arrays import FloatArray
from burnish.data.checks.finding import Finding
from burnish.data.checks.subject import Entry
from burnish.data.groups import group_keys
from burnish.plural import plural
from burnish.tasks.examples import Example
from burnish.torch_models.base import BaseModel

from .learning_curve import CurveRows, LearningCurve
from .linear import LinearClassifier

__all__ = [
    "FrozenReader",
    "FrozenRows",
    "NoReader",
    "TextDoubts",
    "describe_doubt",
    "doubt_finding",
    "group_names",
]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class FrozenRows(ABC):
    """Rows as a frozen encoder reads them."""

    curve: CurveRows
    """The data of a learning curve."""
    labels: tuple[str, ...]
    """Names of the curve's targets."""

    @abstractmethod
    def doubts(self, curve: LearningCurve, entries: Sequence[Entry]) -> Iterator[Finding]:
        """Labels that the other rows contradict.

        Args:
            curve: measured on these rows.
            entries: the rows that the encoder read.
        """


@dataclass(frozen=True, slots=True, eq=False)
class TextDoubts:
    """Texts without labels, as a frozen encoder sees them."""

    vectors: FloatArray
    """(texts, hidden)."""
    doubts: npt.NDArray[np.float64]
    """(texts,) how unsure a classifier is of each, from 0 to 1."""


class FrozenReader(ABC):
    """Reads rows of a task with an untrained encoder."""

    folds: ClassVar[int]
    """Number of parts of the rows, each of which is held out once."""
    fewest_labels: ClassVar[int]
    """With fewer labels there is nothing to learn."""

    @abstractmethod
    def read(self, base: BaseModel, examples: Sequence[Any], *, multi_label: bool) -> FrozenRows:
        """Vectors and targets of examples.

        Args:
            base: the encoder.
            examples: rows of the task.
            multi_label: a row may have several labels.
        """

    @abstractmethod
    def doubt_texts(
        self, base: BaseModel, texts: Sequence[str], *, model: LinearClassifier
    ) -> TextDoubts:
        """How unsure a classifier is of unlabelled texts.

        Args:
            base: the encoder.
            texts: candidates for labelling.
            model: fitted on rows of this reader.
        """


@dataclass(frozen=True, slots=True)
class NoReader:
    """A task for which a classifier on a frozen encoder is not informative."""

    no_curve: Callable[[Sequence[Any]], str]
    """From the training rows to a sentence on why there is no curve, and what to do instead."""
    no_suggestions: str
    """Why only a trained model can suggest rows to label."""


def group_names(examples: Sequence[Example]) -> list[str]:
    """One name per row, equal for rows that are held out together."""
    return ["\0".join(key) for key in group_keys(examples)]


def doubt_finding(message: str, fix: str, doubts: Sequence[tuple[Entry, str]]) -> Iterator[Finding]:
    """Make the finding of doubted labels, or none where nothing is doubted.

    Args:
        message: what is doubted and how sure that is, with ``# [issue|issues]`` for the number.
        fix: what to do.
        doubts: rows, each with a description of its doubt, the surest first.
    """
    if doubts:
        yield Finding(
            kind="likely-label-error",
            severity="note",
            message=plural(len(doubts), message),
            fix=fix,
            rows=tuple(entry.place.with_detail(detail) for entry, detail in doubts),
        )


def describe_doubt(given: str, likely: str) -> str:
    """Describe a doubt; an empty name means no label."""
    if not given:
        return f"{likely!r} is missing"
    return f"{given!r} is likely wrong" if not likely else f"{given!r}, likely {likely!r}"
