"""Writing replies: a request's results as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from burnish.errors import InputError
from burnish.runtime import ModelFaultError
from burnish.tasks import Prediction, Task

from ..errors import ErrorType, HTTPError
from .requests import TaskRequest
from .tasks import ServiceTask

__all__ = ["Told", "error_of", "refusal_of", "reply_of"]

Json = Any
Told = Sequence[Prediction | InputError | HTTPError]
"""What each input of a request gets, in order."""


def reply_of(
    request: TaskRequest,
    results: Told,
    task: ServiceTask[Any, Any, Any],
    settings: Task,
    *,
    nested: bool,
) -> Json:
    """The JSON of a request's results.

    Args:
        request: the request.
        results: one prediction or error per input.
        task: writes a prediction.
        settings: the model's task.
        nested: put one text's reply in a list, if ``InferenceClient`` expects that.

    Raises:
        HTTPError: the only input cannot be answered. In a list, the error replaces the answer.
    """
    if not request.several:
        alone = results[0]
        if isinstance(alone, InputError | HTTPError):
            raise refusal_of(alone)
        single = task.write(alone, request.parameters, settings)
        return [single] if nested and task.nested else single
    return [
        error_of(result)
        if isinstance(result, InputError | HTTPError)
        else task.write(result, request.parameters, settings)
        for result in results
    ]


def refusal_of(error: InputError | HTTPError) -> HTTPError:
    """The refusal of a request whose only input cannot be answered."""
    if isinstance(error, HTTPError):
        return error
    return HTTPError(_error_type(error), f"inputs: {error.message}; {error.hint}".rstrip("; "))


def error_of(error: InputError | HTTPError) -> Json:
    """What replaces the answer to an input of a list."""
    refusal = refusal_of(error)
    return {"error": refusal.message, "error_type": refusal.error_type}


def _error_type(error: InputError) -> ErrorType:
    return "model" if isinstance(error, ModelFaultError) else "validation"
