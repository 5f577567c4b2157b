"""Regimes: the form of the training targets, which decides loss and defaults.

A new task adds none, unless its head is new.
"""

from __future__ import annotations

from enum import StrEnum

from burnish.tasks.base import Task
from burnish.tasks.heads import Head

__all__ = ["IGNORED", "Regime", "regime_of", "task_regime"]

IGNORED = -100
"""Target of a token that has no tag: the special ones. What torch's cross entropy ignores."""


class Regime(StrEnum):
    """What the targets of a window are."""

    ONE_LABEL = "one label"
    """() int64: which of the labels."""
    SEVERAL_LABELS = "several labels"
    """(labels,) float32: whether each of them."""
    PATH = "path"
    """(labels,) float32: 1 for each label of one path in a tree, 0 for the others."""
    BRANCHES = "branches"
    """(labels,) float32: 1 for each label of a tree that holds, 0 for each that does not, and -1
    where that is not known."""
    TAGS = "tags"
    """(n,) int64: which tag each token has, or ``IGNORED``."""
    SPAN = "span"
    """(2,) int64: the first token and the last."""
    NUMBER = "number"
    """() float32: the score, in standard deviations from the mean of the training rows."""
    MARKS = "marks"
    """(n,) float32: 1 for a token of the answer, 0 for another, or ``IGNORED``."""
    WRITTEN = "written"
    """(m,) int64: the tokens to write, the one that ends the text among them."""


_REGIMES = {
    Head.TOKENS: Regime.TAGS,
    Head.SPAN: Regime.SPAN,
    Head.SCORE: Regime.NUMBER,
    Head.MARKS: Regime.MARKS,
    Head.WRITTEN: Regime.WRITTEN,
}


def regime_of(head: Head, *, several_labels: bool = False) -> Regime:
    """The regime in which a head learns; with labels in a tree, the one whose defaults suit it.

    Args:
        head: of the model.
        several_labels: whether an input may have more labels than one.
    """
    if head is Head.SEQUENCE:
        return Regime.SEVERAL_LABELS if several_labels else Regime.ONE_LABEL
    return _REGIMES[head]


def task_regime(task: Task) -> Regime:
    """The regime in which a task's model learns."""
    if task.tree is not None:
        return Regime.BRANCHES if task.several_labels else Regime.PATH
    return regime_of(task.head, several_labels=task.several_labels)
