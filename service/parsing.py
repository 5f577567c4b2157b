"""From a body's bytes to a request model, refusing all that is not exactly understood.

400: the bytes are not one clean JSON document. 422: they are, but not one that the route takes.
No message quotes the body, not even the name of an unknown key, which is a user's text too.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any, NoReturn, TypeVar

import numpy as np
from pydantic import BaseModel, ValidationError

from .refusals import RefusalError
from .requests import MANY, ONE

__all__ = ["MAX_DEPTH", "parse_request"]

MAX_DEPTH = 16

_STRINGS = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
_NOT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_STEPS = np.zeros(256, dtype=np.int32)
_STEPS[list(b"[{")] = 1
_STEPS[list(b"]}")] = -1
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")

RequestT = TypeVar("RequestT", bound=BaseModel)


def parse_request(body: bytes, model: type[RequestT]) -> RequestT:
    """Read a body.

    Raises:
        RefusalError: malformed (400) or not what the model takes (422).
    """
    document = _parse_json(body)
    try:
        return model.model_validate(document)
    except ValidationError as error:
        raise RefusalError("validation", _explain(error, model)) from None


def _parse_json(body: bytes) -> Any:
    if not body:
        _malformed("it is empty, send a JSON object")
    _check_depth(body)
    try:
        document = json.loads(
            body.decode("utf-8"), object_pairs_hook=_unique_keys, parse_constant=_not_a_number
        )
        if _SURROGATE.search(body):
            json.dumps(document, ensure_ascii=False).encode("utf-8")
    except UnicodeDecodeError:
        _malformed("it is not valid UTF-8")
    except UnicodeEncodeError:
        _malformed("it holds half of a surrogate pair; send valid Unicode text")
    except json.JSONDecodeError as error:
        _malformed(f"it is not valid JSON at line {error.lineno}, column {error.colno}")
    except (ValueError, RecursionError):  # a number of thousands of digits
        _malformed("it is not valid JSON")
    return document


def _check_depth(body: bytes) -> None:
    """Before the parser, which recurses, sees the body."""
    if body.count(b"[") + body.count(b"{") <= MAX_DEPTH:
        return
    brackets = _STRINGS.sub(b"", body).translate(None, _NOT_BRACKETS)
    depths = np.cumsum(_STEPS[np.frombuffer(brackets, dtype=np.uint8)])
    if len(depths) and depths.max() > MAX_DEPTH:
        _malformed(f"it is nested deeper than {MAX_DEPTH} levels")


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        _malformed("a key stands twice in one object")
    return found


def _not_a_number(_: str) -> NoReturn:
    _malformed("NaN and Infinity are not JSON")


def _malformed(what: str) -> NoReturn:
    raise RefusalError("malformed", f"body: {what}") from None


def _explain(error: ValidationError, model: type[BaseModel]) -> str:
    """The first error: where, what, and the names that are known."""
    first = error.errors(include_input=False, include_url=False, include_context=False)[0]
    path = [part for part in first["loc"] if part not in (ONE, MANY)]
    if first["type"] == "extra_forbidden":
        return f"{_where(path[:-1])}: a field is not known; {_known_fields(path[:-1], model)}"
    message = first["msg"]
    return f"{_where(path)}: {message[:1].lower()}{message[1:]}"


def _where(path: Sequence[str | int]) -> str:
    steps = [f"[{part}]" if isinstance(part, int) else f".{part}" for part in path]
    return "".join(steps).lstrip(".") or "body"


def _known_fields(path: Sequence[str | int], model: type[BaseModel]) -> str:
    if path and path[0] == "parameters":
        model = type(model.model_fields["parameters"].default)
    if path and path[0] == "inputs":
        return "an input has question and context"
    return f"known are {', '.join(sorted(model.model_fields))}"
