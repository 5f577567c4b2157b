"""What all tasks share: the window, the checks of an input, and the shape of a task's methods."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Self, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field, model_validator

from burnish.errors import InputError
from burnish.tasks.aims import AimText
from burnish.tasks.heads import Head
from burnish.tasks.predictions import Claim
from burnish.tasks.windows import Encoding, TextEncoder

__all__ = ["FloatArray", "LabelCounts", "Task", "TaskSettings", "require_tokens", "validate_text"]

FloatArray = npt.NDArray[np.float32]
StatisticsArray = npt.NDArray[np.float64]

InputT = TypeVar("InputT")
ExampleT = TypeVar("ExampleT")
PredictionT = TypeVar("PredictionT")


class LabelCounts(BaseModel):
    """How often a label was right, predicted and true."""

    model_config = ConfigDict(frozen=True)

    right: float
    predicted: float
    true: float


class TaskSettings(BaseModel, ABC, Generic[InputT, ExampleT, PredictionT]):
    """A task with all that encoding and decoding need; written into a run and into a bundle.

    A task's score is a function of sums over rows: ``row_statistics`` gives the summands and
    ``metrics`` the function, so that a bootstrap resamples without decoding again.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    head: ClassVar[Head]
    """The form of the model's output."""
    label_noun: ClassVar[tuple[str, str]] = ("label", "labels")
    """What ``label_counts`` counts by, singular and plural."""
    support_noun: ClassVar[tuple[str, str]] = ("row", "rows")
    """What it counts, singular and plural."""

    if TYPE_CHECKING:
        task: str
        """Its name: a field of each task, with the one value that tells it apart."""

    max_length: int = Field(default=128, ge=16, le=8192)
    """The window, in tokens, special tokens included."""
    stride: int = Field(default=32, ge=0)
    """Overlap of neighbouring windows, in tokens."""
    aim: AimText = "f1"
    """What the thresholds are tuned for."""
    abstain_below: float = Field(default=0.0, ge=0, allow_inf_nan=False)
    """What is said with a lower score is marked as abstained; above 1: everything is."""

    @model_validator(mode="after")
    def _stride_leaves_room(self) -> Self:
        if self.stride > self.max_length // 2:
            raise ValueError(
                f"stride {self.stride} is more than half of max_length {self.max_length}"
            )
        return self

    @classmethod
    @abstractmethod
    def for_examples(cls, examples: Sequence[ExampleT], **settings: Any) -> Self:
        """The task that rows are for, with the labels that occur in them.

        Args:
            examples: the rows to train on.
            **settings: of the task, by name.
        """

    def text_encoder(self, tokenizer_json: Path) -> TextEncoder:
        """Read the tokenizer, with this task's window."""
        return TextEncoder.from_file(tokenizer_json, max_length=self.max_length, stride=self.stride)

    @property
    @abstractmethod
    def main_metric(self) -> str:
        """Name of the metric that decides: the best epoch, the gates."""

    @property
    def summary_metrics(self) -> tuple[str, ...]:
        """Names of the metrics that stand wherever figures are summed up, the main one first."""
        return (self.main_metric,)

    @property
    @abstractmethod
    def output_labels(self) -> tuple[str, ...]:
        """The names of the model's outputs, in order (``id2label``)."""

    @property
    @abstractmethod
    def answers(self) -> str:
        """The kind of answers that callers get, in words; another kind breaks a caller's code."""

    @property
    @abstractmethod
    def answer_labels(self) -> tuple[str, ...]:
        """The labels that an answer can name; none where answers are stretches of text."""

    @property
    def numbers_per_token(self) -> int:
        """How many numbers the model gives for each token; 0 where it gives them for a window."""
        return 0

    @property
    @abstractmethod
    def output_names(self) -> tuple[str, ...]:
        """The names of the model's output tensors."""

    @abstractmethod
    def example_input(self, example: ExampleT) -> InputT:
        """What a user would send to get this example answered."""

    @abstractmethod
    def encode(self, given: InputT, encoder: TextEncoder) -> Encoding:
        """Turn an input into windows.

        Raises:
            InputError: the input is empty, is not valid Unicode or makes no token.
        """

    @abstractmethod
    def targets(self, example: ExampleT, encoding: Encoding) -> list[npt.NDArray[Any]]:
        """Training targets, one array a window."""

    @abstractmethod
    def decode(
        self, given: InputT, encoding: Encoding, logits: Sequence[FloatArray]
    ) -> PredictionT:
        """Turn the logits of an input's windows into its answer."""

    def sized_for(self, examples: Sequence[ExampleT], encodings: Sequence[Encoding]) -> Self:
        """Set the limits that the training rows decide; a copy with them."""
        del examples, encodings
        return self

    def tune(
        self,
        examples: Sequence[ExampleT],
        encodings: Sequence[Encoding],
        logits: Sequence[Sequence[FloatArray]],
    ) -> Self:
        """Fit what decoding needs (thresholds) on validation rows; a copy with it."""
        del examples, encodings, logits
        return self

    @abstractmethod
    def calibrate(
        self,
        examples: Sequence[ExampleT],
        encodings: Sequence[Encoding],
        logits: Sequence[Sequence[FloatArray]],
    ) -> Self:
        """Fit what makes scores probabilities on validation rows; a copy with it.

        Thresholds are left as they were: tune after this, or see :meth:`fit`.
        """

    @abstractmethod
    def uncalibrated(self) -> Self:
        """A copy that gives the same answers with the scores that the model gives by itself."""

    def fit(
        self,
        examples: Sequence[ExampleT],
        encodings: Sequence[Encoding],
        logits: Sequence[Sequence[FloatArray]],
    ) -> Self:
        """Calibrate, then tune; a copy with both."""
        return self.calibrate(examples, encodings, logits).tune(examples, encodings, logits)

    @abstractmethod
    def most_right(self, example: ExampleT) -> int:
        """How many right answers an example has at most, each with a score of its own."""

    @abstractmethod
    def claims(self, example: ExampleT, prediction: PredictionT) -> list[Claim]:
        """What a prediction says, each with its score and whether it is right.

        The label of a text, each of several labels that are given, each entity, the answer.
        """

    @abstractmethod
    def same_answer(self, one: PredictionT, other: PredictionT) -> bool:
        """Whether two predictions give the same answer, whatever their scores."""

    @abstractmethod
    def correct(self, example: ExampleT, prediction: PredictionT) -> bool:
        """Whether a prediction is right in full."""

    def one_label(self, example: ExampleT, prediction: PredictionT) -> tuple[str, str] | None:
        """The label that is true and the one that is given, where a row has exactly one."""
        del example, prediction
        return None

    @abstractmethod
    def row_statistics(self, example: ExampleT, prediction: PredictionT) -> StatisticsArray:
        """(k,) the row's summands of everything that ``metrics`` needs."""

    @abstractmethod
    def metrics(self, totals: StatisticsArray) -> dict[str, StatisticsArray]:
        """Scores of summed row statistics; (…, k) to a (…) array a metric."""

    @property
    @abstractmethod
    def proportions(self) -> frozenset[str]:
        """The metrics that are a share of their trials, or nearly so."""

    @abstractmethod
    def trials(self, rows: StatisticsArray) -> dict[str, float]:
        """How many independent observations each metric rests on, from (n, k) row statistics.

        Rows that say nothing of a metric do not count; several entities of a row count as one.
        """

    @abstractmethod
    def label_counts(self, totals: StatisticsArray) -> Mapping[str, LabelCounts]:
        """Counts of each label from summed row statistics, (k,)."""


Task: TypeAlias = TaskSettings[Any, Any, Any]
"""A task of any kind. Where its parts have to agree, say ``TaskSettings[I, E, P]``."""


def validate_text(text: str, *, what: str = "text") -> None:
    """Refuse what cannot be tokenized.

    Raises:
        InputError: nothing but white space, or lone surrogates.
    """
    if not text.strip():
        raise InputError(f"the {what} is empty", f"send a {what} with at least one character")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise InputError(
            f"the {what} holds a lone surrogate at character {error.start}",
            "send valid Unicode text",
        ) from None


def require_tokens(encoding: Encoding, *, what: str = "text") -> None:
    """Refuse what the tokenizer drops to nothing: a model would answer an empty window.

    Raises:
        InputError: not one token, as of control and zero-width characters alone.
    """
    if not encoding.tokens:
        raise InputError(
            f"the model sees no word in this {what}", f"send a {what} with visible characters"
        )
