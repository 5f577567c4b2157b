"""What a caller sends: two texts."""

from __future__ import annotations

from burnish.tasks.inputs import FieldsInput
from burnish.tasks.pairs.example import TextPair

__all__ = ["INPUTS"]

INPUTS = FieldsInput(
    TextPair,
    noun="pair",
    wants="compares two texts",
    options={
        "first": "for text pairs: the first text",
        "second": "and the second",
    },
)
