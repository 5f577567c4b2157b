"""Suggesting: what a frozen encoder, with a classifier on the labelled rows, is unsure of."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from burnish.data import ExtractionExample, Rows
from burnish.data.selection import pick_rows, uncertainty
from burnish.errors import DataError, UsageError
from burnish.tasks import ExtractionTask
from burnish.torch_models.base import BaseModel, resolve_base

from .diagnosis import curve_rows
from .embedding import Embedder, embed_tokens
from .linear import LinearClassifier, fit_linear

__all__ = ["suggest_with_labelled"]

_STRENGTH = 0.1
_WINDOW = 128
_LEAST_SURE = 3
"""Tokens of a text whose doubt is averaged."""


def suggest_with_labelled(
    texts: Sequence[str], labelled: Rows, *, count: int, base_model: str = "minilm"
) -> tuple[list[int], list[float]]:
    """Rows to label next, the most useful first, and how unsure each is (0 to 1).

    Args:
        texts: not labelled.
        labelled: rows of classification or extraction.
        count: how many, at most.
        base_model: the encoder.

    Raises:
        UsageError: the rows are of question answering.
        DataError: the labelled rows teach nothing.
    """
    if labelled.task == "qa":
        raise UsageError(
            "question answering has no cheap classifier for this",
            "train a model, export it, and use --bundle",
        )
    base = resolve_base(base_model)
    data, labels = curve_rows(base, labelled.examples, labelled)
    if len(labels) < 2:
        raise DataError(f"{labelled.name} has one label", "label rows of two labels or more")
    model = fit_linear(data.vectors, data.targets, multi_label=data.multi_label, strength=_STRENGTH)
    vectors = Embedder(base).embed(texts)
    if labelled.task == "extraction":
        doubts = _token_doubts(base, texts, model)
    else:
        doubts = uncertainty(model.probabilities(vectors), multi_label=data.multi_label)
    picked = pick_rows(vectors, doubts, count=count)
    return picked, [float(doubts[index]) for index in picked]


def _token_doubts(
    base: BaseModel, texts: Sequence[str], model: LinearClassifier
) -> npt.NDArray[np.float64]:
    """(texts,) mean of each text's least sure tokens."""
    task = ExtractionTask(labels=("x",), max_length=_WINDOW, stride=0)
    rows = [ExtractionExample(id="", text=text, entities=()) for text in texts]
    tokens = embed_tokens(base, rows, task)
    doubts = uncertainty(model.probabilities(tokens.vectors), multi_label=False)
    ends = np.searchsorted(tokens.rows, np.arange(len(texts) + 1))
    return np.array(
        [
            np.sort(doubts[begin:end])[-_LEAST_SURE:].mean() if end > begin else 0.0
            for begin, end in pairwise(ends.tolist())
        ]
    )
