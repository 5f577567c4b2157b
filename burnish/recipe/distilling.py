"""The section of a recipe whose model is taught by another run: ``burnish distill`` writes it."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from burnish.recipe.section import Section

__all__ = ["DistillSection"]


class DistillSection(Section):
    """Who teaches the model, and how (Hinton et al. 2015, "Distilling the Knowledge ...")."""

    teacher: Path | None = None
    """A run directory; where None, the rows' own labels alone teach."""
    unlabelled: Path | None = None
    """Texts without labels, which the teacher answers for the student."""
    temperature: float = Field(default=2.0, gt=0, le=20)
    """Logits are divided by it in the loss: above 1 the labels that lost count for more."""
    own_labels: float = Field(default=0.5, ge=0, le=1)
    """Share of the loss that rows' own labels have; the rest is the teacher's."""
    hidden_states: float = Field(default=0.0, ge=0, le=100)
    """Weight of the distance of the layers' states from the teacher's; 0: they are not taught."""
