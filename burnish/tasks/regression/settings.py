"""Scores: a number per text, with an interval; levels where the numbers are few."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal, Self

import numpy as np
import numpy.typing as npt
from pydantic import Field, model_validator
from typing_extensions import override

from burnish.arrays import FloatArray
from burnish.tasks.base import LabelCounts, StatisticsArray, TaskSettings
from burnish.tasks.heads import Head
from burnish.tasks.predictions import Claim
from burnish.tasks.readable import require_tokens, validate_text
from burnish.tasks.regression.conformal import CONFIDENCE, half_width
from burnish.tasks.regression.correlation import pearson, spearman
from burnish.tasks.regression.example import ScoreExample
from burnish.tasks.regression.levels import (
    LEVEL_METRICS,
    check_metric,
    find_levels,
    level_metrics,
    nearest,
    seem_levels,
)
from burnish.tasks.regression.prediction import Score
from burnish.tasks.scores import ratio, window_mean
from burnish.tasks.windows import Encoding, TextEncoder

__all__ = ["SAME", "RegressionTask"]

SAME = 0.1
"""Two scores are the same answer up to so many standard deviations of the training rows' scores:
a small part of what people disagree by."""
_SUMS = 7
"""Row statistics before those of levels."""


class RegressionTask(TaskSettings[str, ScoreExample, Score]):
    """A number per text, learned by squared error. A long text's is the mean over its windows.

    The model gives the score in standard deviations from the mean of the training rows, so that a
    learning rate suits every unit; callers get it in the rows' unit. The mean absolute error
    chooses the epoch: few odd rows do not decide it, and a rank correlation would not see that all
    scores are too near their mean. It is written as a skill score (Murphy 1988), so that the unit
    does not matter and more is better: 1 minus the error relative to that of always giving the
    training rows' mean.
    """

    head: ClassVar[Head] = Head.SCORE
    gives_probabilities: ClassVar[bool] = False
    usual_metric: ClassVar[str] = "skill"
    metric_choices: ClassVar[tuple[str, ...]] = ("skill", "spearman", "pearson", *LEVEL_METRICS)
    output_labels: ClassVar[tuple[str, ...]] = ("score",)
    answer_labels: ClassVar[tuple[str, ...]] = ()
    label_noun: ClassVar[tuple[str, str]] = ("level", "levels")
    unbounded: ClassVar[frozenset[str]] = frozenset(
        {"skill", "spearman", "pearson", "mae", "rmse", "kappa"}
    )
    proportions: ClassVar[frozenset[str]] = frozenset(
        {"coverage", "level_accuracy", "within_one_level"}
    )

    task: Literal["regression"] = "regression"
    ordinal: bool = False
    """Whether scores are levels: an answer then also has the nearest level."""
    center: float = Field(default=0.0, allow_inf_nan=False)
    """The mean of the training rows' scores."""
    spread: float = Field(default=1.0, gt=0, allow_inf_nan=False)
    """Their standard deviation."""
    levels: tuple[float, ...] = ()
    """The scores that occur, lowest first, where they are levels."""
    half_width: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    """Half the width of each answer's interval; None where it is not known."""

    @model_validator(mode="after")
    def _metric_of_levels_has_levels(self) -> Self:
        check_metric(self.metric, self.levels)
        return self

    @classmethod
    def for_examples(
        cls, examples: Sequence[ScoreExample], *, ordinal: bool | None = None, **settings: Any
    ) -> Self:
        """The task for these scores, with their levels.

        Args:
            examples: the rows.
            ordinal: whether their scores are levels; None: if they seem to be.
            **settings: of the task, by name.

        Raises:
            DataError: the scores are to be levels, and there are too many.
            ConfigError: a metric of levels is asked for, and these are none.
        """
        scores = {example.score for example in examples}
        ordinal = seem_levels(scores) if ordinal is None else ordinal
        levels = find_levels(scores) if ordinal else ()
        return cls(ordinal=ordinal, levels=levels, **settings).sized_for(examples, ())

    @override
    def sized_for(self, examples: Sequence[ScoreExample], encodings: Sequence[Encoding]) -> Self:
        """Take the mean and the standard deviation of these rows' scores."""
        del encodings
        scores = np.array([example.score for example in examples])
        spread = float(scores.std()) or 1.0
        return self.model_copy(update={"center": float(scores.mean()), "spread": spread})

    @property
    @override
    def summary_metrics(self) -> tuple[str, ...]:
        """Also whether the order is right, the error in the rows' unit, and for levels kappa."""
        known = (self.main_metric, "skill", "spearman", "mae", *(("kappa",) if self.levels else ()))
        return tuple(dict.fromkeys(known))

    @property
    @override
    def answers(self) -> str:
        return f"{self.task} in levels" if self.levels else self.task

    @property
    @override
    def fitted_scaling(self) -> dict[str, Any]:
        return {"half_width": self.half_width, "confidence": CONFIDENCE}

    @property
    @override
    def unanswered(self) -> Score:
        """The mean of the training rows' scores."""
        return self._answer(self.center, tokens=0, windows=0)

    @override
    def example_input(self, example: ScoreExample) -> str:
        return example.text

    @override
    def encode(self, given: str, encoder: TextEncoder) -> Encoding:
        validate_text(given)
        encoding = encoder.encode(given, offsets=False)
        require_tokens(encoding)
        return encoding

    @override
    def targets(self, example: ScoreExample, encoding: Encoding) -> list[npt.NDArray[Any]]:
        """Every window has its text's score, () float32 in standard deviations from the mean."""
        target = np.array((example.score - self.center) / self.spread, dtype=np.float32)
        return [target] * len(encoding.windows)

    @override
    def decode(self, given: str, encoding: Encoding, logits: Sequence[FloatArray]) -> Score:
        return self._answer(
            self.center + self.spread * float(window_mean(logits)[0]),
            tokens=encoding.tokens,
            windows=len(encoding.windows),
        )

    def _answer(self, score: float, *, tokens: int, windows: int) -> Score:
        half = self.half_width
        return Score(
            score=score,
            interval=None if half is None else (score - half, score + half),
            level=self.levels[nearest(self.levels, score)] if self.levels else None,
            spread=self.spread,
            tokens=tokens,
            windows=windows,
        )

    @override
    def calibrate(
        self,
        examples: Sequence[ScoreExample],
        encodings: Sequence[Encoding],
        logits: Sequence[Sequence[FloatArray]],
    ) -> Self:
        """Fit the width of the intervals: split conformal prediction on validation rows."""
        scores = [
            self.decode(example.text, encoding, windows).score
            for example, encoding, windows in zip(examples, encodings, logits, strict=True)
        ]
        errors = np.array([example.score for example in examples]) - np.array(scores)
        return self.model_copy(update={"half_width": half_width(errors)})

    @override
    def uncalibrated(self) -> Self:
        return self.model_copy(update={"half_width": None})

    @override
    def most_right(self, example: ScoreExample) -> int:
        return 0

    @override
    def claims(self, example: ScoreExample, prediction: Score) -> list[Claim]:
        """None: a score has no probability. How often intervals hold is the metric coverage."""
        return []

    @override
    def doubt(self, prediction: Score) -> float:
        """The same for every text: the intervals are of one width."""
        return 0.5

    @override
    def same_answer(self, one: Score, other: Score) -> bool:
        return abs(one.score - other.score) <= SAME * self.spread

    @override
    def agreement_detail(self, before: Sequence[Score], after: Sequence[Score]) -> str:
        """How far scores move at most, in the rows' unit, and whether their order stays."""
        old, new = (np.array([each.score for each in some]) for some in (before, after))
        order = float(spearman(old, new, np.ones(len(old))))
        return (
            f"scores move by {np.abs(new - old).max():.3g} at most and "
            f"{np.abs(new - old).mean():.3g} on average; more than {SAME * self.spread:.3g}, "
            f"{SAME:g} standard deviations of the training rows' scores, is another answer; rank "
            f"correlation {order:.4f}"
        )

    @override
    def correct(self, example: ScoreExample, prediction: Score) -> bool:
        """Whether the interval holds the true score; without one, a standard deviation counts."""
        return prediction.holds(example.score)

    @override
    def one_label(self, example: ScoreExample, prediction: Score) -> tuple[str, str] | None:
        if not self.levels or not prediction.windows:
            return None
        places = nearest(self.levels, example.score), nearest(self.levels, prediction.score)
        true, given = (f"{self.levels[place]:g}" for place in places)
        return true, given

    @override
    def row_statistics(self, example: ScoreExample, prediction: Score) -> StatisticsArray:
        """(7 + levels²,): row, true, given, absolute error, squared error, and two more.

        They are the absolute error of the training rows' mean, and whether the interval holds.
        Then come, row by row, the confusions of levels.
        """
        true, given = example.score, prediction.score
        error = true - given
        held = prediction.interval is not None and prediction.holds(true)
        by_mean = abs(true - self.center)
        sums = np.array([1.0, true, given, abs(error), error**2, by_mean, held])
        count = len(self.levels)
        if not count:
            return sums
        confusion = np.zeros((count, count))
        confusion[nearest(self.levels, true), nearest(self.levels, given)] = 1
        return np.concatenate([sums, confusion.ravel()])

    @override
    def metrics(self, totals: StatisticsArray) -> dict[str, StatisticsArray]:
        """The skill, errors in the rows' unit and the intervals' coverage; agreement on levels."""
        rows = totals[..., 0]
        found = {
            "skill": 1 - ratio(totals[..., 3], totals[..., 5]),
            "mae": ratio(totals[..., 3], rows),
            "rmse": np.sqrt(ratio(totals[..., 4], rows)),
            "coverage": ratio(totals[..., 6], rows),
        }
        if self.levels:
            count = len(self.levels)
            found |= level_metrics(totals[..., _SUMS:].reshape(*rows.shape, count, count))
        return found

    @override
    def score_of(
        self, rows: StatisticsArray, weights: StatisticsArray | None = None
    ) -> dict[str, StatisticsArray]:
        """Also the correlations, which no sum over rows gives."""
        counted = np.ones(len(rows)) if weights is None else weights
        true, given = rows[:, 1], rows[:, 2]
        found = self.metrics(counted @ rows)
        return {
            "skill": found.pop("skill"),
            "spearman": spearman(true, given, counted),
            "pearson": pearson(true, given, counted),
            **found,
        }

    @override
    def trials(self, rows: StatisticsArray) -> dict[str, float]:
        return dict.fromkeys(self.proportions, float(len(rows)))

    @override
    def to_find(self, totals: StatisticsArray) -> tuple[float, float]:
        """Every row has a score, and is given one."""
        return float(totals[0]), float(totals[0])

    @override
    def label_counts(self, totals: StatisticsArray) -> Mapping[str, LabelCounts]:
        """Counts of each level; none without levels."""
        count = len(self.levels)
        confusion = totals[_SUMS:].reshape(count, count)
        counts = zip(confusion.diagonal(), confusion.sum(0), confusion.sum(1), strict=True)
        return {
            f"{level:g}": LabelCounts(right=right, predicted=predicted, true=true)
            for level, (right, predicted, true) in zip(self.levels, counts, strict=True)
        }
