"""What training asks of this task: what it asks of one text, with the two texts in its place."""

from __future__ import annotations

from .classification import TASK

__all__ = ["TASK"]
