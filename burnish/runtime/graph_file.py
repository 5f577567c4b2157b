"""References to other files, and operators, in the bytes of an ONNX file.

ONNX Runtime reads a tensor with external data from a file that the graph names (relative to the
working directory if the graph came as bytes), so that a graph could answer with a key file.
burnish's own graphs hold all their weights, so every such tensor is refused before ONNX Runtime
sees the graph. The base install has no ``onnx`` package: this walks protobuf's wire format by the
field numbers of ``onnx.proto`` (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

__all__ = ["GraphFileError", "Operator", "external_files", "external_tensor", "operators"]

Buffer = bytes | memoryview

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_FIXED_BYTES = {_FIXED64: 8, _FIXED32: 4}
_MOST_VARINT_BYTES = 10
"""A varint of 64 bits has no more (Protocol Buffers, encoding)."""
_ORT_FORMAT = b"ORTM"
"""At byte 4 of ONNX Runtime's own format, which it takes for a graph too."""

_MESSAGES: Final[dict[str, dict[int, str]]] = {
    "model": {7: "graph", 20: "training", 25: "function"},
    "training": {1: "graph", 2: "graph"},
    "function": {7: "node", 11: "attribute"},
    "graph": {1: "node", 5: "tensor", 15: "sparse"},
    "node": {5: "attribute"},
    "attribute": {
        5: "tensor",
        6: "graph",
        10: "tensor",
        11: "graph",
        22: "sparse",
        23: "sparse",
    },
    "sparse": {1: "tensor", 2: "tensor"},
    "tensor": {},
}
"""The fields of messages that hold messages, of those that lead to a tensor."""

_TENSOR_NAME, _EXTERNAL_DATA, _DATA_LOCATION = 8, 13, 14
_ENTRY_KEY, _ENTRY_VALUE = 1, 2
_NODE_OPERATOR, _NODE_DOMAIN = 4, 7


class GraphFileError(ValueError):
    """The bytes are not an ONNX graph."""


@dataclass(frozen=True, slots=True)
class Operator:
    """An operator that a graph uses."""

    domain: str
    """Empty: ONNX's own."""
    name: str


def external_tensor(content: Buffer) -> str | None:
    """The name of the first tensor whose data is outside of the file; None where there is none.

    Searches initializers, sparse ones, constants in attributes, sub-graphs, functions and training
    graphs.

    Raises:
        GraphFileError: the bytes are not an ONNX graph.
    """
    for kind, message in _walk(content):
        if kind == "tensor" and _is_external(message):
            return _text(message, _TENSOR_NAME) or "without a name"
    return None


def external_files(content: Buffer) -> frozenset[str]:
    """Every file, as the graph names it, that a tensor of the graph lies in; empty: none is named.

    Raises:
        GraphFileError: the bytes are not an ONNX graph.
    """
    found: set[str] = set()
    for kind, message in _walk(content):
        if kind == "tensor" and _is_external(message):
            found.update(_locations(message) or {""})
    return frozenset(found)


def operators(content: Buffer) -> frozenset[Operator]:
    """Every operator of a graph, its sub-graphs and its functions.

    Raises:
        GraphFileError: the bytes are not an ONNX graph.
    """
    return frozenset(
        Operator(_text(message, _NODE_DOMAIN), _text(message, _NODE_OPERATOR))
        for kind, message in _walk(content)
        if kind == "node"
    )


def _walk(content: Buffer) -> Iterator[tuple[str, memoryview]]:
    """Every message with its kind; without recursion, which a hostile file could make deep."""
    view = memoryview(content)
    if bytes(view[4:8]) == _ORT_FORMAT:
        raise GraphFileError("it is in ONNX Runtime's own format, not an ONNX graph")
    stack = [("model", view)]
    while stack:
        kind, message = stack.pop()
        yield kind, message
        inner = _MESSAGES[kind]
        if not inner:
            continue
        for number, wire, value in _fields(message):
            if wire == _BYTES and number in inner:
                stack.append((inner[number], value))


def _is_external(tensor: memoryview) -> bool:
    """Whether a tensor has its data outside, by either of the two fields that can say so.

    burnish writes neither, so that one value of one of them is enough.
    """
    return any(
        number == _EXTERNAL_DATA or (number == _DATA_LOCATION and any(value))
        for number, _, value in _fields(tensor)
    )


def _locations(tensor: memoryview) -> set[str]:
    """All of them, if a tensor names several: which one counts is up to the reader."""
    return {
        _text(value, _ENTRY_VALUE)
        for number, wire, value in _fields(tensor)
        if number == _EXTERNAL_DATA and wire == _BYTES and _text(value, _ENTRY_KEY) == "location"
    }


def _text(message: memoryview, wanted: int) -> str:
    found = b""
    for number, wire, value in _fields(message):
        if number == wanted and wire == _BYTES:
            found = bytes(value)
    return found.decode("utf-8", "replace")


def _fields(message: memoryview) -> Iterator[tuple[int, int, memoryview]]:
    """Number, wire type and bytes of each field; for a number, its bytes as in the file."""
    place, end = 0, len(message)
    while place < end:
        tag, place = _varint(message, place)
        number, wire = tag >> 3, tag & 7
        # Protobuf cuts a tag to 32 bits: a larger one is another field to ONNX Runtime than here.
        if not number or tag >> 32:
            raise GraphFileError("it is damaged, or not an ONNX graph")
        begin = place
        if wire == _VARINT:
            value, place = _varint(message, place)
            yield number, wire, memoryview(value.to_bytes(_MOST_VARINT_BYTES, "little"))
            continue
        if wire == _BYTES:
            length, begin = _varint(message, place)
        elif wire in _FIXED_BYTES:
            length = _FIXED_BYTES[wire]
        else:  # groups, which ONNX has none of, and numbers that mean nothing
            raise GraphFileError("it is damaged, or not an ONNX graph")
        place = begin + length
        if place > end:
            raise GraphFileError("it is damaged, or not an ONNX graph")
        yield number, wire, message[begin:place]


def _varint(message: memoryview, place: int) -> tuple[int, int]:
    """A number of variable length, and where it ends."""
    value = shift = 0
    for byte in message[place : place + _MOST_VARINT_BYTES]:
        place += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, place
        shift += 7
    raise GraphFileError("it is damaged, or not an ONNX graph")
