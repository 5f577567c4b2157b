"""Extraction rows as a frozen encoder reads them: one vector per token."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar

import numpy as np
from typing_extensions import override

from burnish.data.checks.finding import Finding
from burnish.data.checks.subject import Entry
from burnish.data.selection import uncertainty
from burnish.tasks import ExtractionTask
from burnish.tasks.extraction.example import ExtractionExample
from burnish.torch_models.base import BaseModel

from ...diagnostics.frozen import (
    FrozenReader,
    FrozenRows,
    TextDoubts,
    describe_doubt,
    doubt_finding,
)
from ...diagnostics.learning_curve import LearningCurve
from ...diagnostics.linear import LinearClassifier
from ..classification.embedding import Embedder
from .entity_errors import DoubtedEntity, doubted_entities, held_out_types
from .token_rows import WINDOW, TokenRows, read_token_rows
from .token_vectors import embed_tokens

__all__ = ["EntityReader"]

_LEAST_SURE = 3
"""The number of a text's least sure tokens whose doubt is averaged."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class _Entities(FrozenRows):
    tokens: TokenRows

    @override
    def doubts(self, curve: LearningCurve, entries: Sequence[Entry]) -> Iterator[Finding]:
        """Entities that other classifiers than the curve's doubt, which use more of the encoder."""
        read = self.tokens
        known = held_out_types(read.tokens, read.types, labels=len(self.labels), groups=read.groups)
        found = doubted_entities(
            known, read.tokens, read.types, examples=read.examples, labels=self.labels
        )
        yield from doubt_finding(
            "# label [issue|issues]: to a classifier that had not seen the row, an entity looks "
            "missing or of another type; those whose words have that type elsewhere come first",
            "read them from the top, and correct those that are wrong: most are right",
            [(entries[read.places[each.row]], _said(each)) for each in found],
        )


def _said(each: DoubtedEntity) -> str:
    return f"characters {each.start}-{each.end} {describe_doubt(each.given, each.likely)}"


class EntityReader(FrozenReader):
    """Reads the first window of each text, token by token."""

    folds: ClassVar[int] = 3
    fewest_labels: ClassVar[int] = 1

    @override
    def read(
        self, base: BaseModel, examples: Sequence[ExtractionExample], *, multi_label: bool
    ) -> FrozenRows:
        read = read_token_rows(base, examples, deep=True)
        return _Entities(curve=read.curve, labels=read.labels, tokens=read)

    @override
    def doubt_texts(
        self, base: BaseModel, texts: Sequence[str], *, model: LinearClassifier
    ) -> TextDoubts:
        """The mean of each text's least sure tokens."""
        task = ExtractionTask(labels=("x",), max_length=WINDOW, stride=0)
        rows = [ExtractionExample(id="", text=text, entities=()) for text in texts]
        tokens = embed_tokens(base, rows, task)
        doubts = uncertainty(model.probabilities(tokens.vectors), multi_label=False)
        ends = np.searchsorted(tokens.rows, np.arange(len(texts) + 1))
        means = [
            np.sort(doubts[begin:end])[-_LEAST_SURE:].mean() if end > begin else 0.0
            for begin, end in pairwise(ends.tolist())
        ]
        return TextDoubts(Embedder(base).embed(texts), np.array(means))
