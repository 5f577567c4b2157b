"""Classification: one label a text, or several with a threshold each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, Self

import numpy as np
import numpy.typing as npt
from typing_extensions import override

from burnish.data.examples import ClassificationExample
from burnish.tasks.base import (
    FloatArray,
    LabelCounts,
    StatisticsArray,
    TaskSettings,
    require_tokens,
    validate_text,
)
from burnish.tasks.predictions import Classification, LabelScore
from burnish.tasks.scores import f1, ratio, sigmoid, softmax
from burnish.tasks.thresholds import tune_thresholds
from burnish.tasks.windows import Encoding, TextEncoder

__all__ = ["ClassificationTask"]


class ClassificationTask(TaskSettings[str, ClassificationExample, Classification]):
    """Labels of a text. A long text's logits are the mean over its windows."""

    task: Literal["classification"] = "classification"
    labels: tuple[str, ...]
    multi_label: bool = False
    thresholds: dict[str, float] = {}
    """With several labels: the score from which a label is given; 0.5 where none stands."""

    @classmethod
    def for_examples(
        cls,
        examples: Sequence[ClassificationExample],
        *,
        multi_label: bool = False,
        **settings: Any,
    ) -> Self:
        """The task for the labels that occur, sorted."""
        labels = tuple(sorted({label for example in examples for label in example.labels}))
        return cls(labels=labels, multi_label=multi_label, **settings)

    @property
    @override
    def main_metric(self) -> str:
        return "micro_f1" if self.multi_label else "accuracy"

    @property
    @override
    def output_labels(self) -> tuple[str, ...]:
        return self.labels

    @property
    @override
    def output_names(self) -> tuple[str, ...]:
        return ("logits",)

    @override
    def example_input(self, example: ClassificationExample) -> str:
        return example.text

    @override
    def encode(self, given: str, encoder: TextEncoder) -> Encoding:
        validate_text(given)
        encoding = encoder.encode(given, offsets=False)
        require_tokens(encoding)
        return encoding

    @override
    def targets(self, example: ClassificationExample, encoding: Encoding) -> list[npt.NDArray[Any]]:
        """Every window has its text's label: () int64, or (labels,) float32 with several."""
        target: npt.NDArray[Any]
        if self.multi_label:
            target = np.array([label in example.labels for label in self.labels], dtype=np.float32)
        else:
            target = np.array(self.labels.index(example.labels[0]), dtype=np.int64)
        return [target] * len(encoding.windows)

    def scores(self, logits: Sequence[FloatArray]) -> npt.NDArray[np.float64]:
        """(labels,) probabilities from (labels,) logits a window."""
        if len(logits) == 1:
            mean = logits[0].astype(np.float64)
        else:
            mean = np.asarray(np.mean(np.stack(logits), axis=0, dtype=np.float64))
        return sigmoid(mean) if self.multi_label else softmax(mean)

    @override
    def decode(
        self, given: str, encoding: Encoding, logits: Sequence[FloatArray]
    ) -> Classification:
        scores = self.scores(logits)
        order = np.argsort(-scores, kind="stable").tolist()
        ranked = tuple(LabelScore(self.labels[i], float(scores[i])) for i in order)
        if self.multi_label:
            chosen = tuple(s.label for s in ranked if s.score >= self.thresholds.get(s.label, 0.5))
        else:
            chosen = (ranked[0].label,)
        return Classification(
            labels=chosen, scores=ranked, tokens=encoding.tokens, windows=len(encoding.windows)
        )

    @override
    def tune(
        self,
        examples: Sequence[ClassificationExample],
        encodings: Sequence[Encoding],
        logits: Sequence[Sequence[FloatArray]],
    ) -> Self:
        """Thresholds of several labels, for the best micro F1."""
        del encodings
        if not self.multi_label:
            return self
        scores = np.stack([self.scores(windows) for windows in logits])
        true = np.array([[label in e.labels for label in self.labels] for e in examples])
        thresholds = tune_thresholds(scores, true).tolist()
        return self.model_copy(
            update={"thresholds": dict(zip(self.labels, thresholds, strict=True))}
        )

    @override
    def same_answer(self, one: Classification, other: Classification) -> bool:
        return set(one.labels) == set(other.labels)

    @override
    def correct(self, example: ClassificationExample, prediction: Classification) -> bool:
        return set(example.labels) == set(prediction.labels)

    @override
    def row_statistics(
        self, example: ClassificationExample, prediction: Classification
    ) -> StatisticsArray:
        """(2 + 3 labels,): row, right in full, then right, predicted, true of each label."""
        predicted = np.array([label in prediction.labels for label in self.labels])
        true = np.array([label in example.labels for label in self.labels])
        right = predicted & true
        head = [1.0, float(self.correct(example, prediction))]
        return np.concatenate([head, right, predicted, true]).astype(np.float64)

    @override
    def metrics(self, totals: StatisticsArray) -> dict[str, StatisticsArray]:
        """Accuracy (all labels right), macro F1 over the labels that occur, micro F1."""
        right, predicted, true = self._counts(totals)
        occurs = (predicted + true) > 0
        return {
            "accuracy": ratio(totals[..., 1], totals[..., 0]),
            "macro_f1": ratio((f1(right, predicted, true) * occurs).sum(-1), occurs.sum(-1)),
            "micro_f1": f1(right.sum(-1), predicted.sum(-1), true.sum(-1)),
        }

    @override
    def label_counts(self, totals: StatisticsArray) -> Mapping[str, LabelCounts]:
        columns = zip(*self._counts(totals), strict=True)
        return {
            label: LabelCounts(right=right, predicted=predicted, true=true)
            for label, (right, predicted, true) in zip(self.labels, columns, strict=True)
        }

    def _counts(
        self, totals: StatisticsArray
    ) -> tuple[StatisticsArray, StatisticsArray, StatisticsArray]:
        right, predicted, true = np.split(totals[..., 2:], 3, axis=-1)
        return right, predicted, true
