"""What all tasks share: the window, and the shape of a task's methods."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Self, TypeAlias, TypeVar

import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field, model_validator

from burnish.arrays import FloatArray
from burnish.errors import DataError
from burnish.tasks.aims import AimText
from burnish.tasks.heads import Head
from burnish.tasks.label_counts import LabelCounts
from burnish.tasks.predictions import Claim
from burnish.tasks.scored import ExampleT, PredictionT, ScoredAnswers, StatisticsArray
from burnish.tasks.tree import LabelTree
from burnish.tasks.windows import Encoding, TextEncoder, Window

if TYPE_CHECKING:
    from burnish.data.rows import Rows

__all__ = [
    "ExampleT",
    "InputT",
    "LabelCounts",
    "PredictionT",
    "StatisticsArray",
    "Task",
    "TaskSettings",
]

InputT = TypeVar("InputT")


class TaskSettings(
    BaseModel, ScoredAnswers[ExampleT, PredictionT], ABC, Generic[InputT, ExampleT, PredictionT]
):
    """A task with everything that encoding and decoding need; a run and a bundle store it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    head: ClassVar[Head]
    """The form of the model's output."""
    output_names: ClassVar[tuple[str, ...]] = ("logits",)
    """The names of the model's output tensors."""
    label_noun: ClassVar[tuple[str, str]] = ("label", "labels")
    """What ``label_counts`` counts by, singular and plural."""
    whole_noun: ClassVar[tuple[str, str]] = ("text", "texts")
    """What every window must hold in full, singular and plural."""
    support_noun: ClassVar[tuple[str, str]] = ("row", "rows")
    """What is counted for each label, singular and plural."""
    gives_probabilities: ClassVar[bool] = True
    """Whether answers have probabilities, which calibration, thresholds and abstention need."""
    unbounded: ClassVar[frozenset[str]] = frozenset()
    """The metrics that are no share from 0 to 1, such as an error in the rows' own unit."""
    metric_choices: ClassVar[tuple[str, ...]]
    """The metrics that a recipe may choose by: each rises as answers get better."""
    has_tree: ClassVar[bool] = False
    """Whether its labels lie in a tree, which ``data.taxonomy`` names."""

    if TYPE_CHECKING:
        task: str
        """The task's name: a field of each task, with only this value."""

    max_length: int = Field(default=128, ge=16, le=8192)
    """The window, in tokens, special tokens included."""
    stride: int = Field(default=32, ge=0)
    """Overlap of neighbouring windows, in tokens."""
    aim: AimText = "f1"
    """What the thresholds are tuned for."""
    metric: str = ""
    """The recipe's ``train.metric``; empty in tasks of older versions."""
    abstain_below: float = Field(default=0.0, ge=0, allow_inf_nan=False)
    """An answer with a lower score is marked as abstained; above 1: every answer is."""

    @model_validator(mode="after")
    def _stride_leaves_room(self) -> Self:
        if self.stride > self.max_length // 2:
            raise ValueError(
                f"stride {self.stride} is more than half of max_length {self.max_length}"
            )
        return self

    @model_validator(mode="after")
    def _metric_is_one(self) -> Self:
        if self.metric and self.metric not in self.metric_choices:
            raise ValueError(
                f"metric {self.metric!r} is not one of {', '.join(self.metric_choices)}"
            )
        return self

    @classmethod
    @abstractmethod
    def for_examples(cls, examples: Sequence[ExampleT], **settings: Any) -> Self:
        """Make the task for some rows, with the labels that occur in them.

        Args:
            examples: the rows to train on.
            **settings: of the task, by name.
        """

    @classmethod
    def for_outputs(cls, outputs: Sequence[str], **settings: Any) -> Self:
        """Make the task for a model that exists, with the labels of its outputs.

        Args:
            outputs: the names of the model's outputs, in order; empty where they have none.
            **settings: of the task, by name.

        Raises:
            ConfigError: no model of the task has outputs of such names.
        """
        del outputs
        return cls(**settings)

    @classmethod
    def renamed_outputs(cls, outputs: Sequence[str], names: Mapping[str, str]) -> tuple[str, ...]:
        """The outputs' names, those that are in ``names`` replaced."""
        return tuple(names.get(output, output) for output in outputs)

    def text_encoder(self, tokenizer_json: Path) -> TextEncoder:
        """Read the tokenizer, with this task's window."""
        return TextEncoder.from_file(tokenizer_json, max_length=self.max_length, stride=self.stride)

    @property
    def main_metric(self) -> str:
        """The name of the metric that chooses epoch and thresholds and that the gates judge."""
        return self.metric or self.usual_metric

    @property
    @abstractmethod
    def usual_metric(self) -> str:
        """The main metric where the recipe names none."""

    def naming_metric(self) -> Self:
        """A copy that names its main metric, for a record."""
        return self.model_copy(update={"metric": self.main_metric})

    @property
    def summary_metrics(self) -> tuple[str, ...]:
        """The names of the metrics that every summary shows, the main one first."""
        return (self.main_metric,)

    @property
    @abstractmethod
    def output_labels(self) -> tuple[str, ...]:
        """The names of the model's outputs, in order (``id2label``)."""

    @property
    @abstractmethod
    def answers(self) -> str:
        """The kind of answers that callers get, in words; a change of it breaks their code."""

    @property
    @abstractmethod
    def answer_labels(self) -> tuple[str, ...]:
        """The labels that an answer can name; none where answers are passages of the text."""

    @property
    def claim_noun(self) -> str:
        """What ``claims`` counts, in the plural."""
        return self.support_noun[1]

    @property
    @abstractmethod
    def fitted_scaling(self) -> dict[str, Any]:
        """The values that ``calibrate`` has fitted, by field, for a JSON document."""

    @property
    @abstractmethod
    def unanswered(self) -> PredictionT:
        """The empty answer, which stands for an input that no model can read."""

    @property
    def numbers_per_token(self) -> int:
        """How many numbers the model returns per token; 0 where it returns them per window."""
        return 0

    @property
    def label_thresholds(self) -> Mapping[str, float]:
        """The least score with which each label is given, where an input may have several."""
        return {}

    @property
    def several_labels(self) -> bool:
        """Whether an input may have any number of labels instead of exactly one."""
        return False

    @property
    def tree(self) -> LabelTree | None:
        """The labels with their parents, where they have any."""
        return None

    @property
    def tree_loss(self) -> str:
        """How such labels are learned (training/evaluation/tree_losses.py)."""
        return ""

    def label_title(self, label: str) -> str:
        """A label as a report writes it: in a tree, with what it lies under."""
        return label

    @property
    def gives_best(self) -> bool:
        """Whether an input gets its best label where none of several reaches its threshold."""
        return False

    @property
    def reads_apart(self) -> bool:
        """Whether an input's two texts are read one without the other, and then compared."""
        return False

    def check_form(self, rows: Rows) -> None:
        """Refuse rows whose form is not the model's.

        Args:
            rows: what the model is to be scored on.

        Raises:
            DataError: the rows are of another task, or of another form of it.
        """
        if rows.task != self.task:
            raise DataError(
                f"{rows.name} holds {rows.task} rows, and the model is for {self.task}",
                "score it on rows of its task",
            )

    def unknown_labels(self, example: ExampleT) -> set[str]:
        """The labels of a row that the model does not know; empty for tasks without labels."""
        del example
        return set()

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
        """Training targets, one array per window."""

    def lessons(
        self, example: ExampleT, encoding: Encoding
    ) -> list[tuple[Window, npt.NDArray[Any]]]:
        """What a model learns from a row: windows, each with its target."""
        return list(zip(encoding.windows, self.targets(example, encoding), strict=True))

    @abstractmethod
    def decode(
        self, given: InputT, encoding: Encoding, logits: Sequence[FloatArray]
    ) -> PredictionT:
        """Turn the logits of an input's windows into its answer."""

    def name_example(self, label: str, text: str) -> ExampleT | None:
        """A row whose input is a label's own name; None where a name cannot be an input.

        Args:
            label: of the task.
            text: the name as a person would write it.
        """
        del label, text
        return None

    def hidden_note(self, examples: Sequence[ExampleT], encodings: Sequence[Encoding]) -> str:
        """A sentence about what the tokenizer hides from every model, or an empty string."""
        del examples, encodings
        return ""

    def sized_for(self, examples: Sequence[ExampleT], encodings: Sequence[Encoding]) -> Self:
        """A copy with the limits that the training rows need."""
        del examples, encodings
        return self

    def tune(
        self,
        examples: Sequence[ExampleT],
        encodings: Sequence[Encoding],
        logits: Sequence[Sequence[FloatArray]],
    ) -> Self:
        """A copy with thresholds that are fitted on validation rows."""
        del examples, encodings, logits
        return self

    @abstractmethod
    def calibrate(
        self,
        examples: Sequence[ExampleT],
        encodings: Sequence[Encoding],
        logits: Sequence[Sequence[FloatArray]],
    ) -> Self:
        """A copy whose scores are probabilities, fitted on validation rows.

        Thresholds stay as they are: call :meth:`tune` afterwards, or :meth:`fit` instead.
        """

    @abstractmethod
    def uncalibrated(self) -> Self:
        """A copy that gives the same answers with the model's own scores."""

    def fit(
        self,
        examples: Sequence[ExampleT],
        encodings: Sequence[Encoding],
        logits: Sequence[Sequence[FloatArray]],
    ) -> Self:
        """A copy that is calibrated, then tuned."""
        return self.calibrate(examples, encodings, logits).tune(examples, encodings, logits)

    @abstractmethod
    def most_right(self, example: ExampleT) -> int:
        """How many right claims an example can have at most."""

    @abstractmethod
    def claims(self, example: ExampleT, prediction: PredictionT) -> list[Claim]:
        """The claims of a prediction, each with its score and whether it is right.

        A claim is the label of a text, one of several labels, an entity, or an answer.
        """

    @abstractmethod
    def doubt(self, prediction: PredictionT) -> float:
        """How unsure a prediction is, from 0 to 1; ``burnish suggest`` picks rows by it."""

    @abstractmethod
    def correct(self, example: ExampleT, prediction: PredictionT) -> bool:
        """Whether a prediction is right in full."""

    def one_label(self, example: ExampleT, prediction: PredictionT) -> tuple[str, str] | None:
        """The label that is true and the one that is given, where a row has exactly one.

        The second is empty where no model can read the row.
        """
        del example, prediction
        return None


Task: TypeAlias = TaskSettings[Any, Any, Any]
"""A task of any kind. Where its parts have to agree, say ``TaskSettings[I, E, P]``."""
