"""Errors of a task: how a wrong answer is described, of which kind it is, and where to look."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Generic

from burnish.tasks.base import ExampleT, PredictionT

__all__ = ["ErrorReader", "WrongAnswer"]


@dataclass(frozen=True, slots=True)
class WrongAnswer:
    """What is true of a row and what is said of it, without its text; empty for nothing."""

    true: str
    said: str
    score: float
    """How sure the model is of what is wrong, 0 to 1."""


class ErrorReader(ABC, Generic[ExampleT, PredictionT]):
    """What an analysis of errors asks a task (``errors.py`` of its folder)."""

    @abstractmethod
    def describe(self, example: ExampleT, prediction: PredictionT) -> WrongAnswer:
        """What is wrong with an answer that is not right in full."""

    def kinds(self, example: ExampleT, prediction: PredictionT) -> Iterable[str]:
        """The kind of each error; none where the confusions of labels say more."""
        del example, prediction
        return ()

    def slices(self, example: ExampleT) -> Iterable[tuple[str, str]]:
        """What the row has in common with others: by what, and the name."""
        return (("label", name) for name in example.class_names)

    def long_text(self, example: ExampleT) -> str:
        """The text whose length may matter."""
        return example.input_text
