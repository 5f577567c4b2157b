"""This task's part of training."""

from __future__ import annotations

from ..kind import TrainingTask
from .dictionary import DICTIONARY, score_dictionary
from .reader import EntityReader

__all__ = ["TASK"]

TASK = TrainingTask(baselines={DICTIONARY: score_dictionary}, frozen=EntityReader())
