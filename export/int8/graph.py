"""An ONNX graph in memory: find its multiplications by weights, and replace its nodes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import ModelProto, NodeProto, helper, numpy_helper

from burnish.errors import BundleError

__all__ = ["GraphEditor", "WeightMatMul", "load_graph", "save_graph", "weight_matmuls"]

Array = npt.NDArray[Any]

_MIN_ELEMENTS = 1 << 14
_LARGEST_BYTES = 2**31 - 1
"""The limit of a protobuf message; a bundle's graph has no external data."""


@dataclass(frozen=True, slots=True)
class WeightMatMul:
    """A ``MatMul`` of activations with a constant matrix."""

    name: str
    source: str
    """The tensor that is multiplied."""
    weight: str
    rows: int
    """Input channels of the matrix."""
    columns: int
    """Output channels."""
    shared: bool
    """Whether other nodes use the same matrix."""

    @property
    def elements(self) -> int:
        """Numbers in the matrix, to which the node's time is proportional."""
        return self.rows * self.columns


class GraphEditor:
    """Changes a graph: replaces nodes in graph order, adds constants, and drops unused ones."""

    def __init__(self, model: ModelProto) -> None:
        self.model = model
        self._constants = {tensor.name: tensor for tensor in model.graph.initializer}
        self._made: set[str] = set()

    def constant(self, name: str) -> Array:
        """The value of a constant tensor."""
        return np.asarray(numpy_helper.to_array(self._constants[name]))

    def add_constant(self, name: str, value: Array) -> str:
        """Add a constant tensor, unless one of its name exists, and return the name."""
        if name not in self._constants:
            tensor = numpy_helper.from_array(np.ascontiguousarray(value), name)
            self._constants[name] = tensor
        return name

    def once(self, node: NodeProto) -> list[NodeProto]:
        """The node at its first use, nothing afterwards: several nodes can share it."""
        if node.name in self._made:
            return []
        self._made.add(node.name)
        return [node]

    def use_domain(self, domain: str, version: int) -> None:
        """Declare another set of operators."""
        if all(entry.domain != domain for entry in self.model.opset_import):
            self.model.opset_import.append(helper.make_opsetid(domain, version))

    def replace(self, replacement: Callable[[NodeProto], Iterable[NodeProto]]) -> None:
        """Replace each node by the nodes that ``replacement`` returns for it."""
        nodes = [new for node in self.model.graph.node for new in replacement(node)]
        used = {name for node in nodes for name in node.input}
        graph = self.model.graph
        del graph.node[:], graph.initializer[:]
        graph.node.extend(nodes)
        graph.initializer.extend(t for name, t in self._constants.items() if name in used)


def load_graph(path: Path) -> ModelProto:
    """Read a graph with its weights."""
    return onnx.load(str(path), load_external_data=False)


def save_graph(model: ModelProto, path: Path) -> None:
    """Write a graph as one file.

    Raises:
        BundleError: it is larger than a single ONNX file can be.
    """
    size = model.ByteSize()
    if size > _LARGEST_BYTES:
        raise BundleError(
            f"the graph has {size / 2**30:.1f} GiB, and a single ONNX file at most 2",
            "choose a smaller base model",
        )
    onnx.save(model, str(path))


def weight_matmuls(model: ModelProto) -> list[WeightMatMul]:
    """The multiplications worth quantizing, in graph order.

    Small matrices (the head of a few labels) are left out: they take no time, and their errors
    would change the answer directly.
    """
    shapes = {tensor.name: tuple(tensor.dims) for tensor in model.graph.initializer}
    uses = Counter(name for node in model.graph.node for name in node.input)
    found = []
    for node in model.graph.node:
        shape = shapes.get(node.input[1], ()) if node.op_type == "MatMul" else ()
        if len(shape) == 2 and shape[0] * shape[1] >= _MIN_ELEMENTS:
            source, weight = node.input
            found.append(WeightMatMul(node.name, source, weight, *shape, uses[weight] > 1))
    return found
