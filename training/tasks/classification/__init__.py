"""This task's part of training."""

from __future__ import annotations

from ..kind import TrainingTask
from .reader import LabelledReader
from .tfidf import TFIDF, score_tfidf

__all__ = ["TASK"]

TASK = TrainingTask(baselines={TFIDF: score_tfidf}, frozen=LabelledReader())
