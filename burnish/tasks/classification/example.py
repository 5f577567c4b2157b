"""A text and its labels."""

from __future__ import annotations

from dataclasses import dataclass

from typing_extensions import override

from burnish.tasks.labelled import LabelledExample

__all__ = ["ClassificationExample"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassificationExample(LabelledExample):
    """A text and its labels: exactly one, or any number where labels are several."""

    text: str

    @property
    @override
    def input_text(self) -> str:
        return self.text
