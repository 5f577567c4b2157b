"""What training asks of each task: a file and a line of this table each."""

from __future__ import annotations

from collections.abc import Mapping

from . import classification, extraction, qa
from .kind import TrainingTask

__all__ = ["TRAINING_TASKS", "TrainingTask"]

TRAINING_TASKS: Mapping[str, TrainingTask] = {
    "classification": classification.TASK,
    "extraction": extraction.TASK,
    "qa": qa.TASK,
}
"""By the task's name."""
