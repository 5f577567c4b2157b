"""How burnish describes labels of any input."""

from __future__ import annotations

from burnish.tasks.labelled import Labelled
from burnish.tasks.words import few_or_count

__all__ = ["labels_given"]


def labels_given(task: Labelled) -> str:
    """What an input gets: "one of these labels: …"."""
    count = ("one or more" if task.gives_best else "any") if task.multi_label else "one"
    return f"{count} of {few_or_count(task.labels, 'labels')}"
