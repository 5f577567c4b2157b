"""Labelled texts as a frozen encoder reads them: one vector per text.

It needs only a row's text and labels, so any task with labels for a whole text can use it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from typing_extensions import override

from burnish.data.checks.finding import Finding
from burnish.data.checks.subject import Entry
from burnish.data.selection import uncertainty
from burnish.torch_models.base import BaseModel

from ...diagnostics.frozen import (
    FrozenReader,
    FrozenRows,
    TextDoubts,
    describe_doubt,
    doubt_finding,
    group_names,
)
from ...diagnostics.label_errors import doubted_labels
from ...diagnostics.learning_curve import CurveRows, LearningCurve
from ...diagnostics.linear import LinearClassifier
from .embedding import Embedder

__all__ = ["LabelledReader"]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class _Texts(FrozenRows):
    @override
    def doubts(self, curve: LearningCurve, entries: Sequence[Entry]) -> Iterator[Finding]:
        """Labels that the curve's classifiers doubt, of rows that they had not seen."""
        data = self.curve
        found = doubted_labels(
            curve.probabilities, data.targets, self.labels, multi_label=data.multi_label
        )
        yield from doubt_finding(
            "# label [issue|issues], most confident first: a classifier that had not seen these "
            "rows gives another label, with a confidence at which four of five of its answers "
            "agree with the labels",
            "read them from the top, and correct those that are wrong",
            [(entries[each.row], describe_doubt(each.given, each.likely)) for each in found],
        )


class LabelledReader(FrozenReader):
    """Reads each text as a whole."""

    folds: ClassVar[int] = 5
    fewest_labels: ClassVar[int] = 2

    @override
    def read(self, base: BaseModel, examples: Sequence[Any], *, multi_label: bool) -> FrozenRows:
        labels = tuple(sorted({label for each in examples for label in each.class_names}))
        curve = CurveRows(
            vectors=Embedder(base).embed([each.input_text for each in examples]),
            targets=np.array([[label in e.class_names for label in labels] for e in examples]),
            rows=np.arange(len(examples)),
            groups=group_names(examples),
            multi_label=multi_label,
        )
        return _Texts(curve=curve, labels=labels)

    @override
    def doubt_texts(
        self, base: BaseModel, texts: Sequence[str], *, model: LinearClassifier
    ) -> TextDoubts:
        vectors = Embedder(base).embed(texts)
        doubts = uncertainty(model.probabilities(vectors), multi_label=model.multi_label)
        return TextDoubts(vectors, doubts)
