"""Embedding: texts become vectors of the frozen encoder, each different text once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
from torch import nn

from burnish.errors import InputError
from burnish.tasks import ClassificationTask, Encoding, ExtractionTask
from burnish.tasks.extraction.example import ExtractionExample
from burnish.tasks.units import unit_starts
from burnish.torch_models.base import BaseModel
from burnish.torch_models.build import build_model, head_module
from burnish.torch_models.logits import predict_logits

from ..evaluation.linear_probe import pooled_vectors
from .token_states import DEPTHS, TokenStates

__all__ = ["Embedder", "TokenVectors", "embed_tokens"]

FloatArray = npt.NDArray[np.float32]
Watch = Callable[[int], None]

_WINDOWS = 4
"""Windows of a text that are read: what a long text is about stands in its first 500 tokens."""
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


def _encoded(task: ClassificationTask, text: str, encoder: object) -> Encoding | None:
    try:
        encoding = task.encode(text, encoder)  # type: ignore[arg-type]
    except InputError:
        return None
    return replace(encoding, windows=encoding.windows[:_WINDOWS])


@dataclass(frozen=True, slots=True, eq=False)
class TokenVectors:
    """The tokens of extraction rows as the frozen encoder sees them."""

    vectors: FloatArray
    """(tokens, hidden)."""
    tags: npt.NDArray[np.int64]
    """(tokens,) index into the task's tags."""
    rows: npt.NDArray[np.int64]
    """(tokens,) which row each stands in, ascending; a row may have none."""
    spans: npt.NDArray[np.int64]
    """(tokens, 2) start and end in the row's text, in code points."""
    units: npt.NDArray[np.int64]
    """(tokens,) which word of the row each is a part of, ascending in a row."""


def embed_tokens(
    base: BaseModel,
    examples: Sequence[ExtractionExample],
    task: ExtractionTask,
    *,
    deep: bool = False,
) -> TokenVectors:
    """Embed the first window of each row, token by token.

    A row that the tokenizer drops to nothing has no token.

    Args:
        base: the encoder.
        examples: the rows.
        task: their labels.
        deep: with the vectors of lower layers before those of the last: three times as wide.
    """
    model: nn.Module = build_model(base, task, pooling="native", seed=0).module
    name, _ = head_module(model)
    model.set_submodule(name, nn.Identity())
    encoder = task.text_encoder(base.path / "tokenizer.json")
    encodings, targets, units, rows = [], [], [], []
    for row, example in enumerate(examples):
        try:
            encoding = task.encode(example.text, encoder)
        except InputError:
            continue
        rows.append(row)
        targets.append(task.targets(example, encoding)[0])
        encodings.append(replace(encoding, windows=encoding.windows[:1]))
        starts = unit_starts(example.text, encoding)
        units.append(np.searchsorted(starts, np.arange(encoding.tokens), side="right"))
    if not rows:
        return _no_tokens(base.hidden_size * (DEPTHS if deep else 1))
    hidden = predict_logits(TokenStates(model) if deep else model, task, encodings)
    read = [encoding.windows[0].stop for encoding in encodings]
    kept = [target >= 0 for target in targets]
    return TokenVectors(
        vectors=np.concatenate([h[0][keep] for h, keep in zip(hidden, kept, strict=True)]),
        tags=np.concatenate([t[keep] for t, keep in zip(targets, kept, strict=True)]),
        rows=np.repeat(rows, [int(keep.sum()) for keep in kept]),
        spans=np.concatenate([e.offsets[:n] for e, n in zip(encodings, read, strict=True)]),
        units=np.concatenate([each[:n] for each, n in zip(units, read, strict=True)]),
    )


def _no_tokens(width: int) -> TokenVectors:
    none = np.zeros(0, dtype=np.int64)
    return TokenVectors(
        vectors=np.zeros((0, width), dtype=np.float32),
        tags=none,
        rows=none,
        spans=none.reshape(0, 2),
        units=none,
    )
