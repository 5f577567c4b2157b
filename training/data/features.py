"""Encoded rows to features: a window with its target and weight each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy.typing as npt

from burnish.tasks import ClassificationTask, ExtractionTask, Task
from burnish.tasks.encoded import EncodedRows
from burnish.tasks.windows import Window

__all__ = ["Feature", "make_features", "unseen_entities"]


@dataclass(frozen=True, slots=True)
class Feature:
    """One window with its target."""

    window: Window
    target: npt.NDArray[Any]
    weight: float
    """Its share of its text's loss."""

    def __len__(self) -> int:
        return len(self.window)


def make_features(task: Task, rows: EncodedRows) -> list[Feature]:
    """One feature a window.

    A classified text counts once, however many windows it has: each has the text's label, and
    their weights sum to 1. A window of the other tasks has targets of its own and counts whole.
    """
    features = []
    for example, encoding in zip(rows.examples, rows.encodings, strict=True):
        shared = isinstance(task, ClassificationTask)
        weight = 1 / len(encoding.windows) if shared else 1.0
        targets = task.targets(example, encoding)
        features += [
            Feature(window, target, weight)
            for window, target in zip(encoding.windows, targets, strict=True)
        ]
    return features


def unseen_entities(task: ExtractionTask, rows: EncodedRows) -> tuple[int, int]:
    """How many entities the tokenizer cannot show exactly, and how many there are."""
    shown = total = 0
    for example, encoding in zip(rows.examples, rows.encodings, strict=True):
        shown += task.representable(example, encoding)  # type: ignore[arg-type]
        total += len(example.entities)  # type: ignore[attr-defined]
    return total - shown, total
