"""Errors of a task: how a wrong answer is described, and its kind."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Generic

from burnish.tasks.base import ExampleT, PredictionT

__all__ = ["ErrorReader", "WrongAnswer"]


@dataclass(frozen=True, slots=True)
class WrongAnswer:
    """The true and the predicted answer of a row, without its text; empty for none."""

    true: str
    said: str
    score: float
    """How sure the model is of what is wrong, 0 to 1."""


class ErrorReader(ABC, Generic[ExampleT, PredictionT]):
    """Describes a task's errors for the error analysis (``errors.py`` of its folder)."""

    @abstractmethod
    def describe(self, example: ExampleT, prediction: PredictionT) -> WrongAnswer:
        """Describe an answer that is not completely right."""

    def kinds(self, example: ExampleT, prediction: PredictionT) -> Iterable[str]:
        """The kind of each error; none for tasks whose confusion table says more."""
        del example, prediction
        return ()

    def slices(self, example: ExampleT) -> Iterable[tuple[str, str]]:
        """The groups of rows that the row belongs to: the criterion and the group's name."""
        return (("label", name) for name in example.class_names)

    def long_text(self, example: ExampleT) -> str:
        """The text whose length may matter."""
        return example.input_text
