"""What training asks of each task: a file or a folder, and a line of this table each.

A task's own files build on most rooms of training, so the table is for the rooms above them:
``pipeline`` and ``results``.
"""

from __future__ import annotations

from collections.abc import Mapping

from . import classification, extraction, pairs, qa
from .kind import TrainingTask

__all__ = ["TRAINING_TASKS", "TrainingTask"]

TRAINING_TASKS: Mapping[str, TrainingTask] = {
    "classification": classification.TASK,
    "extraction": extraction.TASK,
    "qa": qa.TASK,
    "pairs": pairs.TASK,
}
"""By the task's name."""
