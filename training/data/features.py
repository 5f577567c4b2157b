"""Features: windows of encoded rows, each with its target and weight."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy.typing as npt

from burnish.tasks import Task
from burnish.tasks.encoded import EncodedRows
from burnish.tasks.windows import Window

__all__ = ["Feature", "make_features"]


@dataclass(frozen=True, slots=True)
class Feature:
    """One window with its target."""

    window: Window
    target: npt.NDArray[Any]
    weight: float
    """The window's share of its text's loss."""

    def __len__(self) -> int:
        return len(self.window)


def make_features(task: Task, rows: EncodedRows) -> list[Feature]:
    """Make one feature per window.

    A text that is answered as a whole counts once: each of its windows has the text's target, and
    their weights sum to 1. For other heads each window has its own targets and weight 1.
    """
    shared = task.head.of_windows
    features = []
    for example, encoding in zip(rows.examples, rows.encodings, strict=True):
        weight = 1 / len(encoding.windows) if shared else 1.0
        features += [Feature(*lesson, weight) for lesson in task.lessons(example, encoding)]
    return features
