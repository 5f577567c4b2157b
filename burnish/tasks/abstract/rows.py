"""Rows of abstracts: a source with its target."""

from burnish.tasks.written.rows import ROWS

__all__ = ["ROWS"]
