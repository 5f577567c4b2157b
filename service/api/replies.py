"""The parts of replies that all tasks share, in the shapes that Hugging Face clients read."""

from __future__ import annotations

from typing import Any, Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field

from ..errors import ErrorType

__all__ = ["ErrorReply", "ScoredReply", "mark"]

Json = Any

_ABSTAINED: Json = {"abstained": True}
_RELIABLE: Json = {}


class _Reply(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ScoredReply(_Reply):
    """The fields of every answer."""

    abstained: Literal[True] | None = Field(
        None,
        description="Present, and true, if the score is too low for the error rate that the model "
        "promises: do not rely on this answer.",
    )


class ErrorReply(_Reply):
    """Any error: what, where, how to fix it."""

    error: str
    error_type: ErrorType


class _Abstains(Protocol):
    @property
    def abstained(self) -> bool: ...


def mark(said: _Abstains) -> Json:
    """The mark of an answer below the limit; any other answer has no mark."""
    return _ABSTAINED if said.abstained else _RELIABLE
