"""What training asks of a task."""

from __future__ import annotations

from dataclasses import dataclass

from .practice import Practice

__all__ = ["TrainingTask"]


@dataclass(frozen=True, kw_only=True)
class TrainingTask:
    """A task as training sees it; one file of this folder each."""

    pipeline: str
    """The task's name in transformers' ``pipeline``."""
    practice: Practice | None = None
    """Made-up rows to warm up on (``train.synthetic_questions``), where it can make some."""
