"""Extraction rows as tokens of the frozen encoder, as many as can be fitted in a minute."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from burnish.tasks import ExtractionTask
from burnish.tasks.extraction.example import ExtractionExample
from burnish.torch_models.base import BaseModel

from ...diagnostics.frozen import group_names
from ...diagnostics.learning_curve import CurveRows, row_order
from .token_vectors import TokenVectors, embed_tokens

__all__ = ["WINDOW", "TokenRows", "read_token_rows"]

_SEED = 13
_TOKENS = 30_000
"""The most tokens that are fitted, which takes a minute."""
_FEWEST_ROWS = 40

WINDOW = 128
"""The most tokens of a text that are read, special tokens included."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class TokenRows:
    """Tokens of some rows, with the type of each."""

    examples: tuple[ExtractionExample, ...]
    places: tuple[int, ...]
    """Indices of the examples among those that were given."""
    tokens: TokenVectors
    labels: tuple[str, ...]
    """The types; the first, that of no entity, is empty."""
    hidden: int
    """Width of the encoder's last layer."""

    @property
    def types(self) -> npt.NDArray[np.int64]:
        """(tokens,) index into the labels: begin and inside are one."""
        return (self.tokens.tags + 1) // 2

    @property
    def groups(self) -> list[str]:
        """One group per row."""
        return group_names(self.examples)

    @property
    def curve(self) -> CurveRows:
        """The data of a learning curve, from the last layer."""
        return CurveRows(
            vectors=np.ascontiguousarray(self.tokens.vectors[:, -self.hidden :]),
            targets=self.types[:, None] == np.arange(len(self.labels)),
            rows=self.tokens.rows,
            groups=self.groups,
            background=0,
        )


def read_token_rows(
    base: BaseModel, examples: Sequence[ExtractionExample], *, deep: bool = False
) -> TokenRows:
    """Embed the first rows of a seeded order by :func:`.token_vectors.embed_tokens`.

    Rows without a token are left out.
    """
    task = ExtractionTask.for_examples(examples, max_length=WINDOW, stride=0)
    order = row_order(group_names(examples), seed=_SEED).tolist()
    words = np.cumsum([len(examples[index].text) / 4 for index in order])
    kept = sorted(order[: max(_FEWEST_ROWS, int(np.searchsorted(words, _TOKENS)))])
    tokens = embed_tokens(base, [examples[index] for index in kept], task, deep=deep)
    read, rows = np.unique(tokens.rows, return_inverse=True)
    places = tuple(kept[index] for index in read.tolist())
    return TokenRows(
        examples=tuple(examples[index] for index in places),
        places=places,
        tokens=replace(tokens, rows=rows),
        labels=("", *task.labels),
        hidden=base.hidden_size,
    )
