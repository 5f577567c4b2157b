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

__all__ = ["reply_of"]

Json = Any


def reply_of(
    request: TaskRequest,
    results: Sequence[Prediction | InputError | HTTPError],
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
            raise _refusal(alone)
        single = task.write(alone, request.parameters, settings)
        return [single] if nested and task.nested else single
    return [
        _error(result)
        if isinstance(result, InputError | HTTPError)
        else task.write(result, request.parameters, settings)
        for result in results
    ]


def _refusal(error: InputError | HTTPError) -> HTTPError:
    if isinstance(error, HTTPError):
        return error
    return HTTPError(_error_type(error), f"inputs: {error.message}; {error.hint}".rstrip("; "))


def _error(error: InputError | HTTPError) -> Json:
    refusal = _refusal(error)
    return {"error": refusal.message, "error_type": refusal.error_type}


def _error_type(error: InputError) -> ErrorType:
    return "model" if isinstance(error, ModelFaultError) else "validation"
