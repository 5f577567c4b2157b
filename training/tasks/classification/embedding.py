"""Embedding: texts become vectors of the frozen encoder, each different text once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
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

Watch = Callable[[int], None]

_WINDOWS = 4
"""Windows of a text that are read: the first 500 tokens say what a long text is about."""
_SLICE = 512
"""Texts between two calls of ``watch``."""


@dataclass
class Embedder:
    """A frozen encoder that remembers the texts it has read."""

    base: BaseModel
    max_length: int = 128
    watch: Watch | None = None
    """Called with the number of texts that were read since the last call."""
    _known: dict[str, FloatArray] = field(default_factory=dict)

    def embed(self, texts: Sequence[str]) -> FloatArray:
        """(texts, hidden) pooled as the base declares, else the mean of the tokens.

        A text that the tokenizer drops to nothing has the zero vector.
        """
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        if new:
            self._read(new)
        return np.stack([self._known[text] for text in texts])

    def _read(self, texts: Sequence[str]) -> None:
        task = ClassificationTask(labels=("a", "b"), max_length=self._window(), stride=0)
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
            if self.watch is not None:
                self.watch(len(part))

    def _window(self) -> int:
        return min(self.max_length, self.base.positions or self.max_length)


def _encoded(task: ClassificationTask, text: str, encoder: TextEncoder) -> Encoding | None:
    try:
        encoding = task.encode(text, encoder)
    except InputError:
        return None
    return replace(encoding, windows=encoding.windows[:_WINDOWS])
