"""The parts of request bodies that all tasks share. The rest of each lies in ``tasks/``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, ClassVar, Generic, TypeAlias, TypeVar

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
    "AnyText",
    "Closed",
    "InferenceRequest",
    "Parameters",
    "TaskRequest",
    "Text",
    "Threshold",
    "TopK",
    "WrongItem",
    "whole",
]

MAX_INPUTS = 256
MAX_CHARACTERS = 1_000_000

ONE, MANY = "one input", "several inputs"
"""The two forms of ``inputs`` in pydantic's messages."""

InputT = TypeVar("InputT")
ItemT = TypeVar("ItemT")


class Closed(BaseModel):
    """Accepts only its own fields, and only their exact types."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)


def whole(number: object) -> object:
    """JSON has one kind of number, and JSON Schema calls 5.0 an integer."""
    return int(number) if isinstance(number, float) and number.is_integer() else number


def _form(value: object) -> str:
    return MANY if isinstance(value, list) else ONE


class WrongItem:
    """Replaces an item of a list that is not a valid input."""

    def __init__(self, fault: ValidationError) -> None:
        self.fault = fault


def _alone(value: object, validate: ValidatorFunctionWrapHandler) -> object:
    try:
        return validate(value)
    except ValidationError as fault:
        return WrongItem(fault)


AnyText = Annotated[str, StringConstraints(max_length=MAX_CHARACTERS)]
"""A text in a list: one that is empty fails alone."""
Text = Annotated[
    str,
    StringConstraints(min_length=1, max_length=MAX_CHARACTERS, pattern=r"[\p{L}\p{N}\p{P}\p{S}]"),
]
"""A single text: a tokenizer must see something in it, a letter, digit, sign or symbol."""
Threshold = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
TopK = Annotated[int, Field(ge=1, le=1000), BeforeValidator(whole)]


class AbstainParameters(Closed):
    """Which answers to mark as abstained; with both settings, the stricter one applies."""

    score: Threshold | None = Field(
        None, description="Answers with a lower score are marked; 0: none."
    )
    reject: Annotated[float, Field(gt=0, lt=1, allow_inf_nan=False)] | None = Field(
        None,
        description="The share of texts out of scope to mark; for models that were "
        "exported with such rows.",
    )


class Parameters(Closed):
    """Settings of a reply that every task's request may have."""

    abstain: AbstainParameters | None = Field(
        None, description="Instead of the model's own score, `abstain_below`."
    )


class InferenceRequest(Closed, Generic[InputT, ItemT]):
    """The fields of every task's request."""

    one: ClassVar[str] = "a text"
    """The name of an input, in messages."""
    many: ClassVar[str] = "texts"
    item_fields: ClassVar[tuple[str, ...]] = ()
    """The keys of an input that is an object."""
    limited_fields: ClassVar[tuple[str, ...]] = ()
    """Those keys whose texts a bundle limits in characters."""

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
    parameters: Parameters = Parameters()

    @property
    def several(self) -> bool:
        """Whether the inputs are a list, and so the reply is one."""
        return isinstance(self.inputs, list)

    @property
    def items(self) -> Sequence[InputT | ItemT | WrongItem]:
        """The inputs as a list."""
        return self.inputs if isinstance(self.inputs, list) else [self.inputs]


TaskRequest: TypeAlias = InferenceRequest[Any, Any]
"""A request of any task."""
