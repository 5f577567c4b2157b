"""The tasks' own parts of training: one file or folder per task, and one line of this table.

A task's files use most folders of training, so only the folders above them use the table:
``pipeline`` and ``results``.
"""

from __future__ import annotations

from collections.abc import Mapping

from . import classification, extraction, pairs, qa, regression, summary, taxonomy, translation
from .kind import TrainingTask

__all__ = ["TRAINING_TASKS", "TrainingTask"]

TRAINING_TASKS: Mapping[str, TrainingTask] = {
    "classification": classification.TASK,
    "extraction": extraction.TASK,
    "qa": qa.TASK,
    "pairs": pairs.TASK,
    "regression": regression.TASK,
    "taxonomy": taxonomy.TASK,
    "summary": summary.TASK,
    "translation": translation.TASK,
}
"""By the task's name."""
