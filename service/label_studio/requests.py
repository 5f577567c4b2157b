"""What Label Studio sends: a project's configuration, and tasks with their data.

A task comes with twenty fields of its own and all its annotations; only its data are looked at.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from ..api.parsing import BodyLimits, parse_json
from ..api.requests import MAX_INPUTS
from ..errors import HTTPError

__all__ = ["PredictRequest", "parse_event", "parse_predict", "parse_setup", "texts_of"]

_LIMITS: Final = BodyLimits(strings=65_536, keys=1000, inputs="tasks")
"""256 tasks of thirty fields each, some with annotations; and data of a wide table."""

Object = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class PredictRequest:
    """Tasks that want predictions."""

    label_config: str = field(repr=False)
    tasks: Sequence[object] = field(repr=False)


def parse_setup(body: bytes) -> str:
    """The labelling configuration of a project that is being connected.

    Raises:
        HTTPError: 400 or 422.
    """
    return _text(_object(body), "schema")


def parse_predict(body: bytes) -> PredictRequest:
    """A request for predictions.

    Raises:
        HTTPError: 400 or 422.
    """
    document = _object(body)
    tasks = document.get("tasks")
    if not isinstance(tasks, list):
        raise HTTPError("validation", "tasks: send a list of tasks")
    if not tasks:
        raise HTTPError("validation", "tasks: the list is empty, send at least one task")
    if len(tasks) > MAX_INPUTS:
        raise HTTPError(
            "validation", f"tasks: at most {MAX_INPUTS} tasks per request; select fewer at once"
        )
    return PredictRequest(_text(document, "label_config"), tasks)


def parse_event(body: bytes) -> str:
    """The action that a webhook tells of.

    Raises:
        HTTPError: 400 or 422.
    """
    action = _object(body).get("action")
    return action if isinstance(action, str) else ""


def texts_of(task: object, number: int, keys: Sequence[str]) -> tuple[str, ...]:
    """The texts of a task.

    Args:
        task: as it was sent.
        number: its place in the list.
        keys: the keys of the texts in its data.

    Raises:
        HTTPError: 422, it has none.
    """
    where = f"tasks[{number}]"
    data = task.get("data") if isinstance(task, dict) else None
    if not isinstance(data, dict):
        raise HTTPError("validation", f"{where}: send an object with the key data, an object")
    texts = [data.get(key) for key in keys]
    for text in texts:
        if text is None:
            raise HTTPError(
                "validation",
                f"{where}.data: it has no value under the key that the Text tag's value names",
            )
        if not isinstance(text, str):
            raise HTTPError(
                "validation", f"{where}.data: the value that the Text tag shows is not a text"
            )
    return tuple(text for text in texts if isinstance(text, str))


def _object(body: bytes) -> Object:
    document = parse_json(body, _LIMITS)
    if not isinstance(document, dict):
        raise HTTPError("validation", "body: send an object")
    return document


def _text(document: Object, name: str) -> str:
    value = document.get(name)
    if value is None:
        raise HTTPError("validation", f"{name}: it is missing; send the labelling configuration")
    if not isinstance(value, str):
        raise HTTPError("validation", f"{name}: send the labelling configuration as a text")
    return value
