"""Request bodies: the closed models that a route takes, and what OpenAPI says of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Generic, Literal, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    StringConstraints,
    Tag,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)

__all__ = [
    "MANY",
    "MAX_CHARACTERS",
    "MAX_INPUTS",
    "ONE",
    "AbstainParameters",
    "AnswerParameters",
    "AnswerRequest",
    "ClassifyParameters",
    "ClassifyRequest",
    "ExtractParameters",
    "ExtractRequest",
    "InferenceRequest",
    "QuestionInput",
    "QuestionItem",
    "WrongItem",
]

MAX_INPUTS = 256
MAX_CHARACTERS = 1_000_000

ONE, MANY = "one input", "several inputs"
"""How pydantic's messages tell the two forms of ``inputs`` apart."""

InputT = TypeVar("InputT")
ItemT = TypeVar("ItemT")


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)


def _whole(number: object) -> object:
    """JSON has one kind of number, and JSON Schema calls 5.0 an integer."""
    return int(number) if isinstance(number, float) and number.is_integer() else number


def _form(value: object) -> str:
    return MANY if isinstance(value, list) else ONE


class WrongItem:
    """Stands in a list where an input is none."""

    def __init__(self, fault: ValidationError) -> None:
        self.fault = fault


def _alone(value: object, validate: ValidatorFunctionWrapHandler) -> object:
    try:
        return validate(value)
    except ValidationError as fault:
        return WrongItem(fault)


AnyText = Annotated[str, StringConstraints(max_length=MAX_CHARACTERS)]
"""In a list: one that is empty fails alone."""
Text = Annotated[
    str,
    StringConstraints(min_length=1, max_length=MAX_CHARACTERS, pattern=r"[\p{L}\p{N}\p{P}\p{S}]"),
]
"""Alone: one that a tokenizer sees something in, at least a letter, digit, sign or symbol."""
Threshold = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
TopK = Annotated[int, Field(ge=1, le=1000), BeforeValidator(_whole)]


class QuestionItem(_Closed):
    """A question and the text that may answer it, in a list of them."""

    question: AnyText
    context: AnyText


class QuestionInput(QuestionItem):
    """A question and the text that may answer it."""

    question: Text
    context: Text


class InferenceRequest(_Closed, Generic[InputT, ItemT]):
    """What every task's request has."""

    inputs: Annotated[
        Annotated[InputT, Tag(ONE)]
        | Annotated[
            list[Annotated[ItemT, WrapValidator(_alone)]],
            Field(min_length=1, max_length=MAX_INPUTS),
            Tag(MANY),
        ],
        Discriminator(_form),
    ]
    model: Annotated[str, StringConstraints(min_length=1, max_length=64)] | None = Field(
        None, description="A model's name; needed only if several models have the route's task."
    )

    @property
    def several(self) -> bool:
        """Whether the inputs came as a list, and the reply is one."""
        return isinstance(self.inputs, list)

    @property
    def items(self) -> Sequence[InputT | ItemT | WrongItem]:
        """The inputs as a list."""
        return self.inputs if isinstance(self.inputs, list) else [self.inputs]


class AbstainParameters(_Closed):
    """Which answers to mark as abstained; with both settings, the stricter one applies."""

    score: Threshold | None = Field(
        None, description="Answers with a lower score are marked; 0: none."
    )
    reject: Annotated[float, Field(gt=0, lt=1, allow_inf_nan=False)] | None = Field(
        None,
        description="The share of texts out of scope to mark; for models that were "
        "exported with such rows.",
    )


class _Parameters(_Closed):
    abstain: AbstainParameters | None = Field(
        None, description="Instead of the model's own score, `abstain_below`."
    )


class ClassifyParameters(_Parameters):
    """How much of a classification to send."""

    top_k: TopK | None = Field(
        None,
        description="The most labels to return; null: all. Default: 5 with one label per text, "
        "else all.",
    )
    threshold: Threshold | None = Field(
        None,
        description="The least score of a label. Default: 0 with one label per text, else each "
        "label's own threshold.",
    )
    function_to_apply: Literal["softmax", "sigmoid"] | None = Field(
        None,
        description="No effect: the model's own is used, softmax with one label per text, "
        "sigmoid with several.",
    )


class ClassifyRequest(InferenceRequest[Text, AnyText]):
    """A text or several, to be classified."""

    parameters: ClassifyParameters = ClassifyParameters()


class ExtractParameters(_Parameters):
    """How much of an extraction to send."""

    threshold: Threshold | None = Field(None, description="The least score of an entity.")
    aggregation_strategy: Literal["simple"] | None = Field(
        None, description="No effect: entities are always whole."
    )


class ExtractRequest(InferenceRequest[Text, AnyText]):
    """A text or several, to find entities in."""

    parameters: ExtractParameters = ExtractParameters()


class AnswerParameters(_Parameters):
    """How much of an answer to send."""

    top_k: TopK | None = Field(
        None, description="The most answers to return; with more than 1 the reply is a list."
    )
    handle_impossible_answer: bool | None = Field(
        None, description="Whether the reply may be that there is no answer. Default: true."
    )


class AnswerRequest(InferenceRequest[QuestionInput, QuestionItem]):
    """A question about a context, or several."""

    parameters: AnswerParameters = AnswerParameters()
