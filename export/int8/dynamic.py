"""Dynamic int8: weights are quantized now, activations when they come, one scale per tensor.

The arithmetic of ONNX Runtime's ``quantize_dynamic`` with ``reduce_range=True``. Weights have 7
bits (-64 to 64): without VNNI, processors add pairs of products in 16 bits and saturate silently,
which 8-bit weights reach (a matrix at full scale: error 0.5 % with VNNI, 2.8 % on AVX2) and 7-bit
weights cannot (2 * 255 * 64 < 2**15). So a bundle gives the same answers on both.
"""

from __future__ import annotations

from functools import partial

import numpy as np
from onnx import NodeProto, TensorProto, helper

from .graph import GraphEditor

__all__ = ["per_channel", "per_tensor"]

_LEVELS = 64
_TINY = 1e-12


def _dynamic(editor: GraphEditor, node: NodeProto, *, axis: int | None) -> list[NodeProto]:
    source, weight, output = node.input[0], node.input[1], node.output[0]
    matrix, matrix_scale, matrix_zero = _add_matrix(editor, weight, axis=axis)
    numbers, scale, zero = (f"{source}_{part}" for part in ("int8", "scale", "zero"))
    product, wide, factor = (f"{output}_{part}" for part in ("int32", "float", "factor"))
    # ONNX Runtime fuses exactly this pattern into one kernel.
    return [
        *editor.once(
            helper.make_node(
                "DynamicQuantizeLinear",
                [source],
                [numbers, scale, zero],
                name=f"{numbers}_quantize",
            )
        ),
        helper.make_node(
            "MatMulInteger", [numbers, matrix, zero, matrix_zero], [product], name=node.name
        ),
        helper.make_node("Cast", [product], [wide], to=TensorProto.FLOAT, name=f"{node.name}_cast"),
        helper.make_node("Mul", [scale, matrix_scale], [factor], name=f"{node.name}_factor"),
        helper.make_node("Mul", [wide, factor], [output], name=f"{node.name}_rescale"),
    ]


def _add_matrix(editor: GraphEditor, weight: str, *, axis: int | None) -> tuple[str, str, str]:
    matrix = editor.constant(weight)
    scale = np.asarray(np.maximum(np.abs(matrix).max(axis=axis), _TINY) / _LEVELS, np.float32)
    return (
        editor.add_constant(f"{weight}_int8", np.rint(matrix / scale).astype(np.int8)),
        editor.add_constant(f"{weight}_scale", scale),
        editor.add_constant(f"{weight}_zero", np.zeros(scale.shape, dtype=np.int8)),
    )


per_tensor = partial(_dynamic, axis=None)
"""One scale for the matrix."""
per_channel = partial(_dynamic, axis=0)
"""One scale per output channel."""
