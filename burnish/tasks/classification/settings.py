"""Classification: one label per text, or several with a threshold each."""

from __future__ import annotations

from typing import Literal

from typing_extensions import override

from burnish.tasks.classification.example import ClassificationExample
from burnish.tasks.labelled.settings import LabelledTask
from burnish.tasks.readable import require_tokens, validate_text
from burnish.tasks.windows import Encoding, TextEncoder

__all__ = ["ClassificationTask"]


class ClassificationTask(LabelledTask[str, ClassificationExample]):
    """Labels of a text. A long text's logits are the mean over its windows."""

    task: Literal["classification"] = "classification"

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
