"""The part of a task that the service needs: its requests, replies and checks."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar, Generic, TypeVar

from pydantic import BaseModel

from burnish.tasks import Input, Prediction, Task

from ..requests import Parameters, TaskRequest

__all__ = ["Json", "ServiceTask", "array_of", "schema_ref"]

Json = Any

ParametersT = TypeVar("ParametersT", bound=Parameters)
PredictionT = TypeVar("PredictionT", bound=Prediction)
TaskT = TypeVar("TaskT", bound=Task)


class ServiceTask(ABC, Generic[ParametersT, PredictionT, TaskT]):
    """A task as the service sees it: its requests and its replies."""

    summary: ClassVar[str]
    request: ClassVar[type[TaskRequest]]
    replies: ClassVar[tuple[type[BaseModel], ...]]
    """The models that a reply is made of."""
    reply: ClassVar[Json]
    """The JSON Schema of the reply to one input."""
    nested: ClassVar[bool] = False
    """Whether a named model puts its reply to one input in a list, as ``InferenceClient`` wants."""
    nothing: ClassVar[Input] = ""
    """The input that the runtime is given instead of one that is wrong; its answer is dropped."""

    def texts(self, item: Any) -> tuple[str, ...]:
        """The texts of an item of a request."""
        return _texts(item, self.request.item_fields)

    def longest(self, item: Any) -> int:
        """The length, in characters, of the longest text that a bundle limits."""
        return max(map(len, _texts(item, self.request.limited_fields)))

    def input(self, item: Any) -> Input:
        """The runtime's input for an item of a request."""
        given: Input = item
        return given

    def function(self, task: TaskT) -> str | None:
        """The function that makes the model's scores, where a request may name it."""
        del task
        return None

    def check(self, wanted: ParametersT, task: TaskT) -> None:
        """Refuse parameters that do not go with the model.

        Raises:
            HTTPError: they do not.
        """
        del wanted, task

    def asked_of(self, wanted: ParametersT, task: TaskT) -> TaskT:
        """The model's task with the settings that a request asks for; the same where it asks none.

        It decides what is computed, and so what the request costs.
        """
        del wanted
        return task

    @abstractmethod
    def write(self, prediction: PredictionT, wanted: ParametersT, task: TaskT) -> Json:
        """The reply to one input."""

    @abstractmethod
    def findings(self, prediction: PredictionT) -> list[tuple[str, float]]:
        """Label and score of all that a prediction says without a mark."""

    @property
    def single(self) -> Json:
        """The JSON Schema of a named model's reply to one input."""
        return array_of(self.reply) if self.nested else self.reply


def _texts(item: Any, fields: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(getattr(item, field) for field in fields) or (item,)


def schema_ref(model: type[BaseModel] | str) -> Json:
    """A reference to the JSON Schema of a model, or of a name."""
    name = model if isinstance(model, str) else model.__name__
    return {"$ref": f"#/components/schemas/{name}"}


def array_of(items: Json) -> Json:
    """The JSON Schema of a list."""
    return {"type": "array", "items": items}
