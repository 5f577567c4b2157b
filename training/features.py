"""Rows to features: every row is encoded once, before the first step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from burnish.data.examples import Example
from burnish.errors import DataError, InputError, QuestionTooLongError
from burnish.tasks import ClassificationTask, Encoding, ExtractionTask, Input, TextEncoder
from burnish.tasks.windows import Window

__all__ = ["EncodedRows", "Feature", "encode_rows", "make_features", "unseen_entities"]


@dataclass(frozen=True, slots=True)
class Feature:
    """One window with its target."""

    window: Window
    target: npt.NDArray[Any]
    weight: float
    """Its share of its text's loss."""

    def __len__(self) -> int:
        return len(self.window)


@dataclass(frozen=True, slots=True)
class EncodedRows:
    """The rows of one part of the data, ready for a model."""

    examples: tuple[Example, ...]
    inputs: tuple[Input, ...]
    encodings: tuple[Encoding, ...]
    unreadable: tuple[Example, ...]
    """Rows whose question is too long for the window: no model can answer them."""

    def draw(self, count: int, *, seed: int) -> EncodedRows:
        """At most ``count`` of the readable rows, drawn by the seed, in their order."""
        drawn = np.random.default_rng(seed).permutation(len(self.examples))[:count]
        places = sorted(drawn.tolist())
        return EncodedRows(
            tuple(self.examples[place] for place in places),
            tuple(self.inputs[place] for place in places),
            tuple(self.encodings[place] for place in places),
            unreadable=(),
        )


def encode_rows(task: Any, examples: Sequence[Example], encoder: TextEncoder) -> EncodedRows:
    """Encode rows.

    Raises:
        DataError: a text that cannot be encoded at all; names the row.
    """
    kept, inputs, encodings, unreadable = [], [], [], []
    for example in examples:
        given = task.example_input(example)
        try:
            encoding = task.encode(given, encoder)
        except QuestionTooLongError:
            unreadable.append(example)
            continue
        except InputError as e:
            raise DataError(f"{example.id}: {e.message}", e.hint) from e
        kept.append(example)
        inputs.append(given)
        encodings.append(encoding)
    return EncodedRows(tuple(kept), tuple(inputs), tuple(encodings), tuple(unreadable))


def make_features(task: Any, rows: EncodedRows) -> list[Feature]:
    """One feature a window.

    A classified text counts once, however many windows it has: each has the text's label, and
    their weights sum to 1. A window of the other tasks has targets of its own and counts whole.
    """
    features = []
    for example, encoding in zip(rows.examples, rows.encodings, strict=True):
        shared = isinstance(task, ClassificationTask)
        weight = 1 / len(encoding.windows) if shared else 1.0
        targets = task.targets(example, encoding)
        features += [
            Feature(window, target, weight)
            for window, target in zip(encoding.windows, targets, strict=True)
        ]
    return features


def unseen_entities(task: ExtractionTask, rows: EncodedRows) -> tuple[int, int]:
    """How many entities the tokenizer cannot show exactly, and how many there are."""
    shown = total = 0
    for example, encoding in zip(rows.examples, rows.encodings, strict=True):
        shown += task.representable(example, encoding)  # type: ignore[arg-type]
        total += len(example.entities)  # type: ignore[union-attr]
    return total - shown, total
