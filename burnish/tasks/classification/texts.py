"""Labels of a text: how it becomes windows, whatever its labels are."""

from __future__ import annotations

from abc import ABC

from typing_extensions import override

from burnish.tasks.classification.example import ClassificationExample
from burnish.tasks.labelled.settings import LabelledTask
from burnish.tasks.readable import require_tokens, validate_text
from burnish.tasks.windows import Encoding, TextEncoder

__all__ = ["TextLabels"]


class TextLabels(LabelledTask[str, ClassificationExample], ABC):
    """A task whose labels are those of a text."""

    @override
    def example_input(self, example: ClassificationExample) -> str:
        return example.text

    @override
    def name_example(self, label: str, text: str) -> ClassificationExample:
        return ClassificationExample(id=f"label:{label}", text=text, labels=(label,))

    @override
    def encode(self, given: str, encoder: TextEncoder) -> Encoding:
        validate_text(given)
        encoding = encoder.encode(given, offsets=False)
        require_tokens(encoding)
        return encoding
