"""This task's part of training: that of classification, with two texts instead of one."""

from __future__ import annotations

from .classification import TASK

__all__ = ["TASK"]
