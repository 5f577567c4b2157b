"""Scores of written answers, as the settings of a task inherit them: row statistics and metrics."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import ClassVar

import numpy as np
from typing_extensions import override

from burnish.tasks.base import LabelCounts, StatisticsArray
from burnish.tasks.rouge import scores as rouge_scores
from burnish.tasks.scored import ScoredAnswers
from burnish.tasks.scores import ratio
from burnish.tasks.written.example import WrittenExample
from burnish.tasks.written.prediction import Written
from burnish.tasks.written.sums import (
    CHRF_COUNTS,
    bleu,
    bleu_counts,
    bleu_tokenizer,
    chrf,
    chrf_counts,
)

__all__ = ["OverlapScores", "RougeScores", "WrittenScores"]


class WrittenScores(ScoredAnswers[WrittenExample, Written]):
    """What the scores of all written answers share; the first statistic of a row is 1."""

    answers_vary: ClassVar[bool] = True
    metric_choices: ClassVar[tuple[str, ...]]
    """The metrics, the usual one first; the settings' class has it too."""

    @override
    def same_answer(self, one: Written, other: Written) -> bool:
        return one.text == other.text

    @override
    def to_find(self, totals: StatisticsArray) -> tuple[float, float]:
        return float(totals[0]), float(totals[0])

    @property
    @override
    def proportions(self) -> frozenset[str]:
        return frozenset()

    @override
    def trials(self, rows: StatisticsArray) -> dict[str, float]:
        return dict.fromkeys(self.metric_choices, float(len(rows)))

    @override
    def label_counts(self, totals: StatisticsArray) -> Mapping[str, LabelCounts]:
        """None: the answers have no labels."""
        del totals
        return {}

    @abstractmethod
    def quality(self, example: WrittenExample, prediction: Written) -> float:
        """How good one answer is, 0 to 1: what its score is calibrated to."""


class OverlapScores(WrittenScores):
    """ChrF++ and BLEU of a whole set of rows, by sacreBLEU."""

    metric_choices: ClassVar[tuple[str, ...]] = ("chrf", "bleu")

    @property
    def target_code(self) -> str:
        """The code of the language of the answers, by which BLEU cuts words; empty: not known."""
        return ""

    @override
    def row_statistics(self, example: WrittenExample, prediction: Written) -> StatisticsArray:
        """(35,): the row, 24 counts of chrF++, 10 of BLEU (`burnish.tasks.written.sums`)."""
        tokenizer = bleu_tokenizer(self.target_code)
        return np.concatenate(
            [
                [1.0],
                chrf_counts(prediction.text, example.target),
                bleu_counts(prediction.text, example.target, tokenizer=tokenizer),
            ]
        )

    @override
    def metrics(self, totals: StatisticsArray) -> dict[str, StatisticsArray]:
        """Shares from 0 to 1, a hundredth of what sacreBLEU prints."""
        cut = 1 + CHRF_COUNTS
        return {"chrf": chrf(totals[..., 1:cut]), "bleu": bleu(totals[..., cut:])}

    @override
    def quality(self, example: WrittenExample, prediction: Written) -> float:
        """ChrF++ of the answer alone."""
        return float(chrf(chrf_counts(prediction.text, example.target)))


class RougeScores(WrittenScores):
    """ROUGE-L, ROUGE-2 and ROUGE-1, each the mean over the rows."""

    metric_choices: ClassVar[tuple[str, ...]] = ("rouge_l", "rouge2", "rouge1")

    @override
    def row_statistics(self, example: WrittenExample, prediction: Written) -> StatisticsArray:
        """(4,): the row, and its three F-measures."""
        found = rouge_scores(prediction.text, example.target)
        return np.array([1.0, *(getattr(found, name) for name in self.metric_choices)])

    @override
    def metrics(self, totals: StatisticsArray) -> dict[str, StatisticsArray]:
        """F-measures (Lin 2004)."""
        return {
            name: ratio(totals[..., place], totals[..., 0])
            for place, name in enumerate(self.metric_choices, start=1)
        }

    @override
    def quality(self, example: WrittenExample, prediction: Written) -> float:
        """ROUGE-L of the answer."""
        return rouge_scores(prediction.text, example.target).rouge_l
