"""What a caller sends: a question and its context."""

from __future__ import annotations

from burnish.tasks.inputs import FieldsInput
from burnish.tasks.qa.example import Question

__all__ = ["INPUTS"]

INPUTS = FieldsInput(
    Question,
    noun="question",
    wants="answers questions about a text",
    options={
        "question": "for question answering: a question",
        "context": "and the text that may hold the answer",
    },
)
