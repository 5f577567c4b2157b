"""Scored answers: what a task's metrics are made of, row by row."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import ClassVar, Generic, Self, TypeVar

import numpy as np
import numpy.typing as npt

from burnish.arrays import FloatArray
from burnish.tasks.examples import Example
from burnish.tasks.label_counts import LabelCounts
from burnish.tasks.predictions import Prediction

__all__ = ["ExampleT", "LabelScores", "PredictionT", "ScoredAnswers", "StatisticsArray"]

StatisticsArray = npt.NDArray[np.float64]

ExampleT = TypeVar("ExampleT", bound=Example)
PredictionT = TypeVar("PredictionT", bound=Prediction)


class LabelScores(ABC):
    """A task whose rows can be out of scope: each answer has a score of every label."""

    @abstractmethod
    def said_score(self, logits: Sequence[FloatArray]) -> float:
        """The highest score of a label that is given; 0 where none is given."""

    @abstractmethod
    def best_score(self, logits: Sequence[FloatArray]) -> float:
        """The highest score of a label, given or not."""


class ScoredAnswers(ABC, Generic[ExampleT, PredictionT]):
    """How a task's answers are scored.

    A score is a function of sums over rows: ``row_statistics`` gives the summands and ``metrics``
    the function, so that a bootstrap resamples without decoding again.
    """

    epoch_rows: ClassVar[int | None] = None
    """How many rows an epoch is scored on at most; None: all of validation."""

    @property
    def for_epochs(self) -> Self:
        """A copy that answers faster, to compare epochs by."""
        return self

    answers_vary: ClassVar[bool] = False
    """Whether equally good models answer in different words, so that equal answers prove little."""

    @abstractmethod
    def row_statistics(self, example: ExampleT, prediction: PredictionT) -> StatisticsArray:
        """(k,) the row's summands of everything that ``metrics`` needs."""

    @abstractmethod
    def metrics(self, totals: StatisticsArray) -> dict[str, StatisticsArray]:
        """Scores from summed row statistics: (…, k) becomes a (…) array per metric."""

    def score_of(
        self, rows: StatisticsArray, weights: StatisticsArray | None = None
    ) -> dict[str, StatisticsArray]:
        """Scores of rows, of which a bootstrap counts some several times.

        A metric that no sum over rows gives, such as a rank correlation, is added here.

        Args:
            rows: (n, k) row statistics.
            weights: (…, n) how often each row counts; None: each once.

        Returns:
            A (…) array per metric.
        """
        return self.metrics(rows.sum(axis=0) if weights is None else weights @ rows)

    @abstractmethod
    def same_answer(self, one: PredictionT, other: PredictionT) -> bool:
        """Whether two predictions give the same answer, whatever their scores."""

    def shared_answers(self, one: PredictionT, other: PredictionT) -> tuple[float, float]:
        """How many answers two predictions for a row share, and how many they give on average.

        A row has one answer, unless its task gives several labels, each of which may change alone.
        """
        return float(self.same_answer(one, other)), 1.0

    def agreement_detail(self, before: Sequence[PredictionT], after: Sequence[PredictionT]) -> str:
        """What a gate says of two models' answers besides their agreement; mostly nothing."""
        del before, after
        return ""

    def to_find(self, totals: StatisticsArray) -> tuple[float, float]:
        """How much there is to find in rows, and how much is found, from their summed statistics.

        Rows with neither have no score.
        """
        counts = self.label_counts(totals).values()
        return sum(each.true for each in counts), sum(each.predicted for each in counts)

    @property
    @abstractmethod
    def proportions(self) -> frozenset[str]:
        """The metrics that are shares of their trials, at least approximately."""

    @abstractmethod
    def trials(self, rows: StatisticsArray) -> dict[str, float]:
        """How many independent observations each metric has, from (n, k) row statistics.

        Rows without an observation do not count; several entities of a row count as one.
        """

    @abstractmethod
    def label_counts(self, totals: StatisticsArray) -> Mapping[str, LabelCounts]:
        """Counts of each label from summed row statistics, (k,)."""
