"""The names of the labels as rows of their own: where rows are few, a name is worth one."""

from __future__ import annotations

import re

from burnish.errors import InputError
from burnish.tasks import Task, TextEncoder
from burnish.tasks.encoded import EncodedRows

__all__ = ["with_label_names", "written_out"]

_JOINT = re.compile(r"[\W_]+|(?<=[a-z])(?=[A-Z])")


def written_out(label: str) -> str:
    """A label as a person would write it: ``card_arrival`` and ``cardArrival`` are two words."""
    return _JOINT.sub(" ", label).strip()


def with_label_names(task: Task, rows: EncodedRows, encoder: TextEncoder) -> EncodedRows:
    """The rows, and one for every label that has a row and a name that the tokenizer can read."""
    examples, inputs, encodings = [], [], []
    for label in sorted({label for example in rows.examples for label in example.class_names}):
        example = task.name_example(label, written_out(label))
        if example is None:
            continue
        given = task.example_input(example)
        try:
            encoding = task.encode(given, encoder)
        except InputError:
            continue  # signs alone, or nothing that the vocabulary knows
        examples.append(example)
        inputs.append(given)
        encodings.append(encoding)
    return EncodedRows(
        (*rows.examples, *examples),
        (*rows.inputs, *inputs),
        (*rows.encodings, *encodings),
        rows.unreadable,
    )
