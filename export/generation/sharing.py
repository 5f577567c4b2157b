"""Weights that both graphs use, or one graph twice, are stored once.

The embedding of a translation model serves the encoder, the decoder and, transposed, the output. It
is more than half of a small model. Two steps: a matrix that is another one's transpose becomes a
``Transpose`` node, which ONNX Runtime computes once when it loads the graph; and what the two
graphs have in common moves to a file beside them, as ONNX's external data.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from onnx import GraphProto, ModelProto, TensorProto, helper, numpy_helper

from burnish.generation.layout import DECODER, ENCODER, SHARED

from ..int8.graph import Array, load_graph, save_graph

__all__ = ["share_weights", "write_shared"]

_LEAST_BYTES = 1 << 12
"""Smaller tensors stay where they are."""
_ALIGNMENT = 64
"""So that a tensor can be read in place, whatever its type."""


def share_weights(directory: Path) -> None:
    """Store once what the two graphs of a directory have in common.

    Raises:
        BundleError: a graph is larger than a single ONNX file can be.
    """
    models = {name: load_graph(directory / name) for name in (ENCODER, DECODER)}
    tables = [tensor for model in models.values() for tensor in _tables(model.graph)]
    for model in models.values():
        _untranspose(model.graph, tables)
    write_shared(models, directory)


def write_shared(models: Mapping[str, ModelProto], directory: Path) -> None:
    """Write graphs by name, and their common tensors to a file of their own."""
    digests = {
        name: {tensor.name: _digest(tensor) for tensor in _large(model.graph)}
        for name, model in models.items()
    }
    common = set.intersection(*(set(found.values()) for found in digests.values()))
    places: dict[str, tuple[int, int]] = {}
    with (directory / SHARED).open("wb") as file:
        for name, model in models.items():
            for tensor in _large(model.graph):
                digest = digests[name][tensor.name]
                if digest not in common:
                    continue
                if digest not in places:
                    file.write(b"\0" * (-file.tell() % _ALIGNMENT))
                    places[digest] = file.tell(), file.write(_bytes(tensor))
                _move(tensor, *places[digest])
    for name, model in models.items():
        save_graph(model, directory / name)


def _large(graph: GraphProto) -> list[TensorProto]:
    return [each for each in graph.initializer if len(each.raw_data) >= _LEAST_BYTES]


def _bytes(tensor: TensorProto) -> bytes:
    return bytes(tensor.raw_data)


def _digest(tensor: TensorProto) -> str:
    digest = hashlib.sha256(repr((tensor.data_type, tuple(tensor.dims))).encode())
    digest.update(tensor.raw_data)
    return digest.hexdigest()


def _move(tensor: TensorProto, offset: int, length: int) -> None:
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    for key, value in (("location", SHARED), ("offset", offset), ("length", length)):
        tensor.external_data.add(key=key, value=str(value))


def _tables(graph: GraphProto) -> list[TensorProto]:
    """The matrices that look-ups read."""
    looked_up = {node.input[0] for node in graph.node if node.op_type == "Gather"}
    return [each for each in _large(graph) if each.name in looked_up and len(each.dims) == 2]


def _untranspose(graph: GraphProto, tables: list[TensorProto]) -> None:
    """Write a matrix that is a table's transpose as the table and a ``Transpose``."""
    for tensor in list(_large(graph)):
        table = next((each for each in tables if _is_transpose(tensor, each)), None)
        if table is None:
            continue
        name = f"{table.name}_shared"
        if all(each.name != name for each in graph.initializer):
            own = next((each for each in graph.initializer if _same(each, table)), None)
            if own is None:
                graph.initializer.add().CopyFrom(table)
                graph.initializer[-1].name = name
            else:
                name = own.name
        node = helper.make_node(
            "Transpose", [name], [tensor.name], name=f"{tensor.name}_transpose", perm=[1, 0]
        )
        graph.node.insert(0, node)
        graph.initializer.remove(tensor)


def _is_transpose(tensor: TensorProto, table: TensorProto) -> bool:
    if tuple(tensor.dims) != tuple(table.dims)[::-1] or tensor.data_type != table.data_type:
        return False
    return np.array_equal(_value(tensor).T, _value(table))


def _same(tensor: TensorProto, other: TensorProto) -> bool:
    return tuple(tensor.dims) == tuple(other.dims) and tensor.raw_data == other.raw_data


def _value(tensor: TensorProto) -> Array:
    return np.asarray(numpy_helper.to_array(tensor))
