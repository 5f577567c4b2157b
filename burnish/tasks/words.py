"""Words: how a recipe, a report and a manuscript describe a task."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["RecipeLines", "TaskWords", "few_or_count"]

_FEW_LABELS = 8


@dataclass(frozen=True, kw_only=True)
class RecipeLines:
    """The parts of the recipe of ``burnish init`` that only one task has; mostly whole lines."""

    train: str
    """The name of a rows file, as an example; its stem names the run."""
    columns: str
    """Keys of ``data``."""
    aim: str
    """What ``precision>=0.95`` measures, for the comment on ``thresholds``."""
    methods: str = ""
    """Comments on further tuning methods."""
    training: str = ""
    """Keys of ``train``."""
    sections: str = ""
    """Sections of their own."""
    abstain: str = ""
    """Comments on further ways to abstain."""


@dataclass(frozen=True, kw_only=True)
class TaskWords:
    """The names and phrases of a task."""

    aliases: str
    """What other tools call it, with spaces between: a hint names the task for each."""
    paper: str
    """What a Methods section calls it: "for … by low-rank adaptation"."""
    purpose: Callable[[Any], str]
    """What a model of it does, by its settings, as the rest of a sentence: "reads a text and"."""
    recipe: RecipeLines


def few_or_count(labels: Sequence[str], noun: str) -> str:
    """The labels by name where they are few, else how many there are.

    Args:
        labels: of a model.
        noun: what they are, in the plural.
    """
    if len(labels) <= _FEW_LABELS:
        return f"these {noun}: {', '.join(labels)}"
    return f"{len(labels)} {noun}"
