"""Vectors of the tokens of extraction rows, from the frozen encoder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from torch import nn

from burnish.arrays import FloatArray
from burnish.errors import InputError
from burnish.tasks import ExtractionTask
from burnish.tasks.extraction.example import ExtractionExample
from burnish.tasks.units import unit_starts
from burnish.torch_models.base import BaseModel
from burnish.torch_models.build import build_model, head_module
from burnish.torch_models.logits import predict_logits

from .token_states import DEPTHS, TokenStates

__all__ = ["TokenVectors", "embed_tokens"]


@dataclass(frozen=True, slots=True, eq=False)
class TokenVectors:
    """The tokens of extraction rows as the frozen encoder reads them."""

    vectors: FloatArray
    """(tokens, hidden)."""
    tags: npt.NDArray[np.int64]
    """(tokens,) index into the task's tags."""
    rows: npt.NDArray[np.int64]
    """(tokens,) the row of each, ascending; a row may have none."""
    spans: npt.NDArray[np.int64]
    """(tokens, 2) start and end in the row's text, in code points."""
    units: npt.NDArray[np.int64]
    """(tokens,) the word of each in its row, ascending."""


def embed_tokens(
    base: BaseModel,
    examples: Sequence[ExtractionExample],
    task: ExtractionTask,
    *,
    deep: bool = False,
) -> TokenVectors:
    """Embed the first window of each row, token by token.

    A row may have no token.

    Args:
        base: the encoder.
        examples: the rows.
        task: the rows' labels.
        deep: join vectors of lower layers to those of the last: three times as wide.
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
