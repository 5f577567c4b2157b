"""An abstract of a document."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from burnish.tasks.written.prediction import Written

__all__ = ["Abstract"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Abstract(Written):
    """What the document says, in fewer words, which are the model's own."""

    key: ClassVar[str] = "abstract"
