"""What training asks of a task."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["TrainingTask"]


@dataclass(frozen=True, kw_only=True)
class TrainingTask:
    """A task as training sees it; one file of this folder each."""

    pipeline: str
    """The task's name in transformers' ``pipeline``."""
