"""What training asks of this task."""

from __future__ import annotations

from ..kind import TrainingTask
from .synthetic_questions import PRACTICE

__all__ = ["TASK"]

TASK = TrainingTask(pipeline="question-answering", practice=PRACTICE)
