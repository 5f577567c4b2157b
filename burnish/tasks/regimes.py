"""Regimes: what a head learns from. Loss and defaults go by it, and no new task adds one."""

from __future__ import annotations

from enum import StrEnum

from burnish.tasks.heads import Head

__all__ = ["Regime", "regime_of"]


class Regime(StrEnum):
    """What the targets of a window are."""

    ONE_LABEL = "one label"
    """() int64: which of the labels."""
    SEVERAL_LABELS = "several labels"
    """(labels,) float32: whether each of them."""
    TAGS = "tags"
    """(n,) int64: which tag each token has."""
    SPAN = "span"
    """(2,) int64: the first token and the last."""


def regime_of(head: Head, *, several_labels: bool = False) -> Regime:
    """The regime in which a head learns.

    Args:
        head: of the model.
        several_labels: whether an input may have more labels than one.
    """
    if head is Head.SEQUENCE:
        return Regime.SEVERAL_LABELS if several_labels else Regime.ONE_LABEL
    return Regime.TAGS if head is Head.TOKENS else Regime.SPAN
