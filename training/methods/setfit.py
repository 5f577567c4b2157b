"""SetFit (Tunstall et al. 2022): every weight, tuned by pairs of texts; the head is fitted."""

from __future__ import annotations

from .full import FULL
from .method import Cell, Method

__all__ = ["SETFIT"]


def _refusal(cell: Cell) -> str | None:
    if cell.recipe.task != "classification":
        return "it compares whole texts by their class, and this task has none"
    if cell.recipe.train.gradual_unfreezing is True:
        return "gradual_unfreezing tunes the head alone at first, and setfit fits its head"
    return None


SETFIT = Method(
    name="setfit",
    summary="every weight, by pairs of texts: for a few rows per class",
    prepare=FULL.prepare,
    merges=True,
    refusal=_refusal,
)
