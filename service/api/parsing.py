"""From a body's bytes to a request model; everything unexpected is refused.

400: the bytes are not one clean JSON document. 422: they are, but not one that the route takes.
No message quotes the body, not even the name of an unknown key, which is a user's text too.
"""

from __future__ import annotations

import json
import re
from codecs import BOM_UTF8
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any, NoReturn, get_args

import numpy as np
from pydantic import BaseModel, ValidationError

from ..errors import HTTPError
from .requests import MANY, MAX_INPUTS, ONE, TaskRequest, WrongItem

__all__ = ["MAX_DEPTH", "BodyLimits", "Kinds", "explain_item", "parse_json", "parse_request"]

MAX_DEPTH = 16


@dataclass(frozen=True, slots=True)
class BodyLimits:
    """How much a body may hold, besides its bytes."""

    strings: int = 4096
    """Keys and values: a request of 256 questions has about a thousand."""
    keys: int = 32
    """In one object. Each that is not known costs pydantic a message."""
    inputs: str = "inputs"
    """What a request has many of, for a message."""


_INFERENCE = BodyLimits()

_MAX_DIGITS = 300
"""Of a whole number: to read one takes a time that grows with the square of its digits."""

_QUOTE, _COMMA, _ARRAY, _OBJECT = b'",[{'
_LARGE = 16_384
"""Bytes from which numpy counts faster than ``bytes.count``: a megabyte in a tenth of the time."""
_NOT_MARKS = bytes(set(range(256)) - set(b'[]{}"'))
_STEPS = np.zeros(256, dtype=np.int8)
_STEPS[list(b"[{")] = 1
_STEPS[list(b"]}")] = -1
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")

_NOT_OF_THE_TYPE = ("string_type", "model_type", "model_attributes_type", "dict_type")
_SENTENCES = {
    "missing": "it is missing",
    "too_long": "at most {max_length} inputs per request; send several requests",
    "too_short": "the list is empty, send at least one input",
    "string_type": "send a text",
    "string_too_long": "at most {max_length} characters",
    "string_too_short": "is empty, send at least one character",
    "string_pattern_mismatch": "no character of it is visible, send a text with at least one",
    "bool_type": "send true or false",
    "int_type": "send a whole number",
    "float_type": "send a number",
    "finite_number": "send a finite number",
    "greater_than_equal": "at least {ge}",
    "greater_than": "more than {gt}",
    "less_than_equal": "at most {le}",
    "less_than": "less than {lt}",
    "literal_error": "allowed: {expected}",
}
"""By pydantic's type of error."""


Kinds = Callable[[object], Sequence[type[TaskRequest]]]
"""From the ``model`` of a body to the requests that the body may be."""


def parse_request(body: bytes, kinds: Kinds) -> TaskRequest:
    """Read a body as a request; if several kinds are possible, as the one that fits best.

    Raises:
        HTTPError: 400, it is malformed; 422, it fits no request. The message is about the nearest.
    """
    document = parse_json(body)
    named = document.get("model") if isinstance(document, dict) else None
    read: list[TaskRequest] = []
    refused: list[tuple[tuple[int, int], HTTPError]] = []
    for kind in kinds(named):
        try:
            read.append(kind.model_validate(document))
        except ValidationError as error:
            refused.append((_nearness(error), HTTPError("validation", _explain(error, (), kind))))
    if read:
        return min(read, key=_wrong_items)
    raise max(refused, key=lambda each: each[0])[1]


def _nearness(error: ValidationError) -> tuple[int, int]:
    """How near a body came to being a request: few errors, and the first deep inside."""
    errors = error.errors(include_input=False, include_url=False)
    return -len(errors), len(errors[0]["loc"])


def _wrong_items(request: TaskRequest) -> int:
    return sum(isinstance(item, WrongItem) for item in request.items)


def explain_item(item: WrongItem, number: int, model: type[TaskRequest]) -> HTTPError:
    """The error for an item of a list of inputs."""
    return HTTPError("validation", _explain(item.fault, ("inputs", number), model))


def parse_json(body: bytes, limits: BodyLimits = _INFERENCE) -> Any:
    """Read a body as one clean JSON document.

    Raises:
        HTTPError: 400, it is malformed; 422, it holds more than the limits.
    """
    body = body.removeprefix(BOM_UTF8)
    if not body:
        _malformed("it is empty, send a JSON object")
    _check_depth(body)
    _check_size(body, limits)
    try:
        document = _decoder(limits.keys).decode(body.decode("utf-8"))
        if _SURROGATE.search(body):
            json.dumps(document, ensure_ascii=False).encode("utf-8")
    except UnicodeDecodeError:
        _malformed("it is not valid UTF-8")
    except UnicodeEncodeError:
        _malformed("it holds half of a surrogate pair; send valid Unicode text")
    except json.JSONDecodeError as error:
        _malformed(f"it is not valid JSON at line {error.lineno}, column {error.colno}")
    except (ValueError, RecursionError):
        _malformed("it is not valid JSON")
    return document


def _bare(body: bytes) -> bytes:
    """The body without escapes: every other stretch between quotes is outside a string."""
    if b"\\" not in body:
        return body
    return body.replace(b"\\\\", b"").replace(b'\\"', b"")


def _count(body: bytes, mark: int) -> int:
    if len(body) < _LARGE:
        return body.count(mark)
    return int(np.count_nonzero(np.frombuffer(body, dtype=np.uint8) == mark))


def _check_size(body: bytes, limits: BodyLimits) -> None:
    """Check the size before the parser and pydantic make objects of a hundred thousand keys.

    Raises:
        HTTPError: 422, it holds more than any request needs.
    """
    if max(_count(body, _QUOTE) // 2, _count(body, _COMMA)) <= limits.strings:
        return
    bare = _bare(body)
    if _count(bare, _QUOTE) > 2 * limits.strings:
        _too_much(limits)
    if b"".join(bare.split(b'"')[::2]).count(b",") > limits.strings:
        _too_much(limits)


def _too_much(limits: BodyLimits) -> NoReturn:
    raise HTTPError(
        "validation",
        f"body: it holds more than {limits.strings} keys and values; send at most {MAX_INPUTS} "
        f"{limits.inputs} per request",
    )


def _check_depth(body: bytes) -> None:
    """Check the depth before the parser, which recurses, sees the body."""
    if _count(body, _ARRAY) + _count(body, _OBJECT) <= MAX_DEPTH:
        return
    # A body may be all quotes: arrays, not a Python object for each.
    marks = np.frombuffer(_bare(body).translate(None, _NOT_MARKS), dtype=np.uint8)
    outside = 1 - (np.cumsum(marks == _QUOTE, dtype=np.uint8) & 1).view(np.int8)
    depths = np.cumsum(_STEPS[marks] * outside, dtype=np.int32)
    if len(depths) and depths.max() > MAX_DEPTH:
        _malformed(f"it is nested deeper than {MAX_DEPTH} levels")


def _unique_keys(pairs: list[tuple[str, Any]], *, most: int) -> dict[str, Any]:
    if len(pairs) > most:
        raise HTTPError(
            "validation",
            f"body: an object has more than {most} fields; GET /openapi.json tells which are known",
        )
    found = dict(pairs)
    if len(found) < len(pairs):
        _malformed("a key is given twice in one object")
    return found


def _not_a_number(_: str) -> NoReturn:
    _malformed("NaN and Infinity are not JSON")


def _whole_number(digits: str) -> int:
    if len(digits) > _MAX_DIGITS:
        _malformed(f"a number has more than {_MAX_DIGITS} digits")
    return int(digits)


@lru_cache(maxsize=4)
def _decoder(most_keys: int) -> json.JSONDecoder:
    return json.JSONDecoder(
        object_pairs_hook=partial(_unique_keys, most=most_keys),
        parse_constant=_not_a_number,
        parse_int=_whole_number,
    )


def _malformed(what: str) -> NoReturn:
    raise HTTPError("malformed", f"body: {what}") from None


def _explain(error: ValidationError, place: tuple[str | int, ...], model: type[TaskRequest]) -> str:
    """The first error: where, what, and the names that are known."""
    first = error.errors(include_input=False, include_url=False)[0]
    path = [*place, *(part for part in first["loc"] if part not in (ONE, MANY))]
    if first["type"] == "extra_forbidden":
        return f"{_where(path[:-1])}: a field is not known; {_known_fields(path[:-1], model)}"
    return f"{_where(path)}: {_sentence(first['type'], path, first.get('ctx', {}), model)}"


def _sentence(
    kind: str, path: Sequence[str | int], limits: Mapping[str, Any], model: type[TaskRequest]
) -> str:
    """What to send instead, in our words; pydantic's name its classes."""
    if kind in _NOT_OF_THE_TYPE and path and (path[-1] == "inputs" or isinstance(path[-1], int)):
        either = f" or a list of {model.many}" if path[-1] == "inputs" else ""
        return f"send {model.one}{either}"
    if kind in ("model_type", "model_attributes_type", "dict_type"):
        return "send an object" if path else "send an object with the key inputs"
    return _SENTENCES.get(kind, "it does not have the right form").format_map(limits)


def _where(path: Sequence[str | int]) -> str:
    steps = [f"[{part}]" if isinstance(part, int) else f".{part}" for part in path]
    return "".join(steps).lstrip(".") or "body"


def _known_fields(path: Sequence[str | int], model: type[TaskRequest]) -> str:
    if path and path[0] == "inputs":
        return f"an input has {' and '.join(model.item_fields)}"
    known: type[BaseModel] = model
    if path and path[0] == "parameters":
        known = type(model.model_fields["parameters"].default)
        for name in path[1:]:
            known = _model_in(known.model_fields[str(name)].annotation)
    return f"known: {', '.join(sorted(known.model_fields))}"


def _model_in(annotation: object) -> type[BaseModel]:
    """The model of an optional field."""
    found: list[type[BaseModel]] = [
        each for each in get_args(annotation) if issubclass(each, BaseModel)
    ]
    return found[0]
