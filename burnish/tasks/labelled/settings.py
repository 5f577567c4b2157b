"""Labelled tasks: one label per input, or several with a threshold each."""

from __future__ import annotations

from abc import ABC
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Self, TypeVar

import numpy as np
import numpy.typing as npt
from typing_extensions import override

from burnish.arrays import FloatArray
from burnish.errors import DataError
from burnish.tasks.aims import cut_for, read_aim
from burnish.tasks.base import InputT, LabelCounts, StatisticsArray, TaskSettings
from burnish.tasks.heads import Head
from burnish.tasks.labelled.decoding import best_label, decide_one, decide_several, given_labels
from burnish.tasks.labelled.example import LabelledExample
from burnish.tasks.labelled.prediction import Classification
from burnish.tasks.labelled.scalings import UNSCALED, fit_scalings, scaled_logits
from burnish.tasks.labelled.statistics import count_labels, label_metrics, label_sums, label_trials
from burnish.tasks.labelled.thresholds import aimed_thresholds, tune_thresholds
from burnish.tasks.predictions import Claim
from burnish.tasks.scaling import Scaling, Temperature, fit_temperature
from burnish.tasks.scored import LabelScores
from burnish.tasks.scores import sigmoid, softmax, window_mean
from burnish.tasks.windows import Encoding

if TYPE_CHECKING:
    from burnish.data.rows import Rows

__all__ = ["LabelledTask"]

LabelledT = TypeVar("LabelledT", bound=LabelledExample)


class LabelledTask(
    TaskSettings[InputT, LabelledT, Classification],
    LabelScores,
    ABC,
    Generic[InputT, LabelledT],
):
    """Labels of an input. The logits of a long input are the mean over its windows.

    A task of this kind adds its name, its input, and how the input is encoded.
    """

    head: ClassVar[Head] = Head.SEQUENCE
    input_noun: ClassVar[tuple[str, str]] = ("text", "texts")
    """What is labelled, singular and plural."""
    metric_choices: ClassVar[tuple[str, ...]] = ("accuracy", "macro_f1", "micro_f1")
    unanswered: ClassVar[Classification] = Classification(labels=(), scores=(), tokens=0, windows=0)

    task: str
    labels: tuple[str, ...]
    multi_label: bool = False
    at_least_one: bool = False
    """With several labels: where none reaches its threshold, the best is given."""
    thresholds: dict[str, float] = {}
    """With several labels: the least score of each label that is given; 0.5 where it has none."""
    temperature: Temperature = 1.0
    """With one label: logits are divided by it, so that scores are probabilities."""
    scalings: dict[str, Scaling] = {}
    """With several labels: the scaling of each label."""

    @classmethod
    def for_examples(
        cls,
        examples: Sequence[LabelledT],
        *,
        multi_label: bool = False,
        at_least_one: bool | None = None,
        **settings: Any,
    ) -> Self:
        """The task for the labels that occur, sorted.

        Args:
            examples: the rows.
            multi_label: whether a row may have several labels.
            at_least_one: whether every input gets a label; None: if every row has one, and the
                thresholds promise no precision or recall.
            **settings: of the task, by name.
        """
        labels = tuple(sorted({label for example in examples for label in example.labels}))
        task = cls(labels=labels, multi_label=multi_label, **settings)
        if at_least_one is None:
            tuned = multi_label and read_aim(task.aim).kind == "f1"
            at_least_one = tuned and all(example.labels for example in examples)
        return task.model_copy(update={"at_least_one": at_least_one})

    @classmethod
    @override
    def for_outputs(cls, outputs: Sequence[str], **settings: Any) -> Self:
        """The task for these labels, in this order."""
        return cls(labels=tuple(outputs), **settings)

    @property
    @override
    def usual_metric(self) -> str:
        return "micro_f1" if self.multi_label else "accuracy"

    @property
    @override
    def summary_metrics(self) -> tuple[str, ...]:
        """Also the macro F1: accuracy hides a label that is never answered right."""
        return tuple(dict.fromkeys((self.main_metric, self.usual_metric, "macro_f1")))

    @property
    @override
    def output_labels(self) -> tuple[str, ...]:
        return self.labels

    @property
    @override
    def label_thresholds(self) -> Mapping[str, float]:
        return self.thresholds

    @property
    @override
    def several_labels(self) -> bool:
        return self.multi_label

    @property
    @override
    def gives_best(self) -> bool:
        return self.multi_label and self.at_least_one

    @property
    @override
    def answers(self) -> str:
        count = "several labels" if self.multi_label else "one label"
        return f"{self.task} with {count} per {self.input_noun[0]}"

    @property
    @override
    def answer_labels(self) -> tuple[str, ...]:
        return self.labels

    @property
    @override
    def claim_noun(self) -> str:
        return "labels" if self.multi_label else self.input_noun[1]

    @property
    @override
    def fitted_scaling(self) -> dict[str, Any]:
        if not self.multi_label:
            return {"temperature": self.temperature}
        return {"scalings": {name: each.model_dump() for name, each in self.scalings.items()}}

    @override
    def check_form(self, rows: Rows) -> None:
        """Refuse rows with several labels where the model gives one, and the reverse."""
        super().check_form(rows)
        if rows.multi_label != self.multi_label:
            forms = {True: "several labels", False: "one label"}
            raise DataError(
                f"{rows.name}: the rows have {forms[rows.multi_label]} each, "
                f"and the model gives {forms[self.multi_label]}",
                f"score it on rows with {forms[self.multi_label]}: a text in the column 'label' "
                "is one, a list in the column 'labels' several",
            )

    @override
    def unknown_labels(self, example: LabelledT) -> set[str]:
        return set(example.labels).difference(self.labels)

    @override
    def targets(self, example: LabelledT, encoding: Encoding) -> list[npt.NDArray[Any]]:
        """Every window has its input's label: () int64, or (labels,) float32 with several."""
        target: npt.NDArray[Any]
        if self.multi_label:
            target = np.array([label in example.labels for label in self.labels], dtype=np.float32)
        else:
            target = np.array(self.labels.index(example.labels[0]), dtype=np.int64)
        return [target] * len(encoding.windows)

    def scores(self, logits: Sequence[FloatArray]) -> npt.NDArray[np.float64]:
        """(labels,) probabilities from (labels,) logits per window."""
        mean = window_mean(logits)
        if not self.multi_label:
            return softmax(mean / self.temperature)
        if self.scalings:
            mean = scaled_logits(mean, self.labels, self.scalings)
        return sigmoid(mean)

    def _scaling(self, label: str) -> Scaling:
        return self.scalings.get(label, UNSCALED)

    def own_score(self, label: str, score: float) -> float:
        """With several labels: the score of a label before calibration."""
        return self._scaling(label).unscaled(score)

    def _least(self) -> npt.NDArray[np.float64]:
        return np.array([self.thresholds.get(label, 0.5) for label in self.labels])

    def _best(self, logits: Sequence[FloatArray]) -> int | None:
        return best_label(logits) if self.gives_best else None

    @override
    def decode(
        self, given: InputT, encoding: Encoding, logits: Sequence[FloatArray]
    ) -> Classification:
        scores, unsure = self.scores(logits), self.abstain_below
        if self.multi_label:
            best = self._best(logits)
            found = decide_several(scores, self._least(), best=best, abstain_below=unsure)
        else:
            found = decide_one(scores, abstain_below=unsure)
        chosen, ranked = found.named(self.labels, scores)
        return Classification(
            labels=chosen, scores=ranked, tokens=encoding.tokens, windows=len(encoding.windows)
        )

    @override
    def tune(
        self,
        examples: Sequence[LabelledT],
        encodings: Sequence[Encoding],
        logits: Sequence[Sequence[FloatArray]],
    ) -> Self:
        """Set each label's threshold; with one label, the score below which it abstains."""
        del encodings
        aim = read_aim(self.aim)
        scores = np.stack([self.scores(windows) for windows in logits])
        true = np.array([[label in e.labels for label in self.labels] for e in examples])
        if not self.multi_label:
            if aim.kind == "f1":
                return self
            right = true[np.arange(len(true)), scores.argmax(1)]
            cut = cut_for(aim, scores.max(1), right, total=len(true))
            return self.model_copy(update={"abstain_below": cut.threshold})
        if aim.kind == "f1":
            found = self._best_thresholds(logits, true)
        else:
            found = aimed_thresholds(aim, scores, true).tolist()
        return self.model_copy(update={"thresholds": dict(zip(self.labels, found, strict=True))})

    def _best_thresholds(
        self, logits: Sequence[Sequence[FloatArray]], true: npt.NDArray[np.bool_]
    ) -> list[float]:
        """Thresholds on the model's own scores: calibration then changes no answer."""
        own = np.stack([sigmoid(window_mean(windows)) for windows in logits])
        best = np.array([best_label(each) for each in logits]) if self.gives_best else None
        found = tune_thresholds(own, true, metric=self.main_metric, best=best).tolist()
        return [self._scaling(label).score(t) for label, t in zip(self.labels, found, strict=True)]

    @override
    def calibrate(
        self,
        examples: Sequence[LabelledT],
        encodings: Sequence[Encoding],
        logits: Sequence[Sequence[FloatArray]],
    ) -> Self:
        """Fit a temperature; with several labels, a temperature and a shift for each."""
        del encodings
        means = np.stack([window_mean(windows) for windows in logits])
        true = np.array([[label in e.labels for label in self.labels] for e in examples])
        if not self.multi_label:
            return self.model_copy(update={"temperature": fit_temperature(means, true.argmax(1))})
        return self.model_copy(update={"scalings": fit_scalings(means, true, self.labels)})

    @override
    def uncalibrated(self) -> Self:
        thresholds = {label: self.own_score(label, t) for label, t in self.thresholds.items()}
        return self.model_copy(
            update={"temperature": 1.0, "scalings": {}, "thresholds": thresholds}
        )

    @override
    def most_right(self, example: LabelledT) -> int:
        return len(example.labels) if self.multi_label else 1

    @override
    def said_score(self, logits: Sequence[FloatArray]) -> float:
        scores = self.scores(logits)
        if not self.multi_label:
            return float(scores.max())
        given = given_labels(scores, self._least(), best=self._best(logits))
        return float(np.where(given, scores, 0.0).max())

    @override
    def best_score(self, logits: Sequence[FloatArray]) -> float:
        return float(self.scores(logits).max())

    @override
    def claims(self, example: LabelledT, prediction: Classification) -> list[Claim]:
        return [
            Claim(score.score, score.label in example.labels)
            for score in prediction.scores
            if score.label in prediction.labels
        ]

    @override
    def doubt(self, prediction: Classification) -> float:
        """One minus the margin of the two best labels.

        With several labels: how near the most doubtful lies to one half.
        """
        scores = [each.score for each in prediction.scores]
        if self.multi_label:
            return 1 - min(abs(2 * score - 1) for score in scores)
        return 1 - (scores[0] - scores[1]) if len(scores) > 1 else 1.0

    @override
    def same_answer(self, one: Classification, other: Classification) -> bool:
        return set(one.labels) == set(other.labels)

    @override
    def shared_answers(self, one: Classification, other: Classification) -> tuple[float, float]:
        first, second = (set(each.labels) or {""} for each in (one, other))  # none: an answer
        return len(first & second), (len(first) + len(second)) / 2

    @override
    def correct(self, example: LabelledT, prediction: Classification) -> bool:
        return set(example.labels) == set(prediction.labels)

    @override
    def one_label(self, example: LabelledT, prediction: Classification) -> tuple[str, str] | None:
        given = next(iter(prediction.labels), "")
        return None if self.multi_label else (example.labels[0], given)

    @override
    def row_statistics(self, example: LabelledT, prediction: Classification) -> StatisticsArray:
        """(2 + 3 labels,): row, right in full, then right, predicted, true of each label."""
        correct = self.correct(example, prediction)
        return label_sums(self.labels, example.labels, prediction.labels, correct=correct)

    @override
    def metrics(self, totals: StatisticsArray) -> dict[str, StatisticsArray]:
        """Accuracy (all labels right), macro F1 over the labels that occur, micro F1."""
        return label_metrics(totals)

    @property
    @override
    def proportions(self) -> frozenset[str]:
        """With one label per input the micro F1 is the accuracy.

        The macro F1 too: a resample without a rare label averages over the others and is too high.
        """
        return frozenset({"accuracy", "macro_f1"} | (set() if self.multi_label else {"micro_f1"}))

    @override
    def trials(self, rows: StatisticsArray) -> dict[str, float]:
        return label_trials(rows)

    @override
    def label_counts(self, totals: StatisticsArray) -> Mapping[str, LabelCounts]:
        return count_labels(self.labels, totals)
