"""Classification: one label per text, or several with a threshold each."""

from __future__ import annotations

from typing import Literal

from burnish.tasks.classification.texts import TextLabels

__all__ = ["ClassificationTask"]


class ClassificationTask(TextLabels):
    """Labels of a text. A long text's logits are the mean over its windows."""

    task: Literal["classification"] = "classification"
