"""Labels of an input: what classification and every task like it share, whatever the input is."""

from typing import Any, TypeAlias

from burnish.tasks.labelled.settings import LabelledTask

__all__ = ["Labelled"]

Labelled: TypeAlias = LabelledTask[Any, Any]
"""A labelled task of any input."""
