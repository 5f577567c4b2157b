"""Smoothing: move outliers of the activations into the weights before quantization.

All channels share one scale, so a channel ten times larger costs the others their precision.
Dividing it, and multiplying its row of the weights, leaves the product as it was (SmoothQuant, Xiao
et al. 2023). The division is a node of its own: it needs no LayerNorm before it, works for every
architecture and takes no measurable time.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from onnx import NodeProto, helper

from burnish.arrays import FloatArray

from .graph import GraphEditor, WeightMatMul, weight_matmuls

__all__ = ["smooth"]


_SMALLEST = 1e-5


def smooth(editor: GraphEditor, maxima: Mapping[str, FloatArray], *, strength: float) -> None:
    """Balance the channels of every weight multiplication.

    Args:
        editor: the graph, still fp32.
        maxima: largest absolute value of each channel of the tensors that are multiplied.
        strength: 0 leaves the activations as they are, 1 makes all channels equal.
    """
    groups: dict[str, list[WeightMatMul]] = {}
    for matmul in weight_matmuls(editor.model):
        # A matrix that several places use would have to suit them all.
        if not matmul.shared and matmul.source in maxima:
            groups.setdefault(matmul.source, []).append(matmul)
    factors = {
        source: _factors(editor, matmuls, maxima[source], strength)
        for source, matmuls in groups.items()
    }
    chosen = {matmul.name: matmul for matmuls in groups.values() for matmul in matmuls}
    editor.replace(
        lambda node: (
            _divided(editor, node, factors[node.input[0]]) if node.name in chosen else [node]
        )
    )


def _factors(
    editor: GraphEditor, matmuls: list[WeightMatMul], largest: FloatArray, strength: float
) -> FloatArray:
    weights = [np.abs(editor.constant(matmul.weight)).max(axis=1) for matmul in matmuls]
    heaviest = np.maximum(np.max(weights, axis=0), _SMALLEST)
    factors = np.maximum(largest, _SMALLEST) ** strength / heaviest ** (1 - strength)
    return np.asarray(factors / np.exp(np.log(factors).mean()), dtype=np.float32)


def _divided(editor: GraphEditor, node: NodeProto, factors: FloatArray) -> list[NodeProto]:
    source, weight = node.input
    even = f"{source}_even"
    inverse = editor.add_constant(f"{source}_inverse", 1 / factors)
    scaled = editor.add_constant(f"{weight}_even", editor.constant(weight) * factors[:, None])
    return [
        *editor.once(helper.make_node("Mul", [source, inverse], [even], name=f"{even}_mul")),
        helper.make_node("MatMul", [even, scaled], list(node.output), name=node.name),
    ]
