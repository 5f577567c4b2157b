"""Embedding: vectors of texts from the frozen encoder, which reads equal texts once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from burnish.arrays import FloatArray
from burnish.errors import InputError
from burnish.tasks import ClassificationTask, Encoding
from burnish.tasks.windows import TextEncoder
from burnish.torch_models.base import BaseModel
from burnish.torch_models.build import build_model

from ...evaluation.linear_probe import pooled_vectors

__all__ = ["Embedder"]


_WINDOW = 128
"""Tokens per window."""
_WINDOWS = 4
"""The most windows of a text that are read: its first 500 tokens tell its subject."""
_SLICE = 512
"""Texts that are read at once."""


@dataclass
class Embedder:
    """A frozen encoder that keeps the vectors of the texts it has read."""

    base: BaseModel
    _known: dict[str, FloatArray] = field(default_factory=dict)

    def embed(self, texts: Sequence[str]) -> FloatArray:
        """(texts, hidden) vectors, pooled as the base declares, else the mean of the tokens.

        A text without a token has the zero vector.
        """
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        if new:
            self._read(new)
        return np.stack([self._known[text] for text in texts])

    def _read(self, texts: Sequence[str]) -> None:
        window = min(_WINDOW, self.base.positions or _WINDOW)
        task = ClassificationTask(labels=("a", "b"), max_length=window, stride=0)
        pooling = self.base.declared_pooling or "mean"
        model = build_model(self.base, task, pooling=pooling, seed=0).module
        encoder = task.text_encoder(self.base.path / "tokenizer.json")
        for begin in range(0, len(texts), _SLICE):
            part = texts[begin : begin + _SLICE]
            encodings = [_encoded(task, text, encoder) for text in part]
            readable = [text for text, each in zip(part, encodings, strict=True) if each]
            for text in part:
                self._known[text] = np.zeros(self.base.hidden_size, dtype=np.float32)
            if readable:
                vectors = pooled_vectors(model, task, [each for each in encodings if each])
                self._known.update(zip(readable, vectors.astype(np.float32), strict=True))


def _encoded(task: ClassificationTask, text: str, encoder: TextEncoder) -> Encoding | None:
    try:
        encoding = task.encode(text, encoder)
    except InputError:
        return None
    return replace(encoding, windows=encoding.windows[:_WINDOWS])
