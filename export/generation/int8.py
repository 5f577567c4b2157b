"""Both graphs in dynamic int8, with the embedding in int8 too and stored once.

Every multiplication by weights has one scale per output channel (the plan ``channel`` of
`burnish.export.int8`). A table that is also the output's matrix has a scale per token: the token's
row of the look-up is its column of the multiplication, so that the same numbers serve both.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from onnx import ModelProto, NodeProto, TensorProto, helper
from onnx.external_data_helper import load_external_data_for_model

from burnish.generation.layout import DECODER, ENCODER

from ..int8.dynamic import per_channel
from ..int8.graph import Array, GraphEditor, load_graph, weight_matmuls
from .sharing import write_shared

__all__ = ["quantize_generator"]

_LEVELS = 64
"""7 bits, as `burnish.export.int8.dynamic` has: the table is a matrix of the output as well."""
_LEAST_ROWS = 2000
"""Fewer are positions, which are small and are left as they are."""
_TINY = 1e-12


def quantize_generator(source: Path, target: Path, *, least_rows: int = _LEAST_ROWS) -> None:
    """Write the int8 form of a directory's graphs.

    Args:
        source: what `convert_generator` wrote.
        target: an existing directory for the three files.
        least_rows: tables with fewer rows stay in fp32.

    Raises:
        BundleError: a graph is larger than a single ONNX file can be.
    """
    models = {name: _loaded(source, name) for name in (ENCODER, DECODER)}
    for model in models.values():
        editor = GraphEditor(model)
        _quantize_tables(editor, least_rows)
        _quantize_matmuls(editor)
    write_shared(models, target)


def _quantize_matmuls(editor: GraphEditor) -> None:
    chosen = {matmul.name for matmul in weight_matmuls(editor.model)}
    editor.replace(lambda node: per_channel(editor, node) if node.name in chosen else [node])


def _loaded(directory: Path, name: str) -> ModelProto:
    model = load_graph(directory / name)
    load_external_data_for_model(model, str(directory))
    for tensor in model.graph.initializer:
        tensor.ClearField("external_data")
        tensor.data_location = TensorProto.DEFAULT
    return model


def _quantize_tables(editor: GraphEditor, least_rows: int) -> None:
    """Replace large tables' look-ups, and the multiplications by the same tables transposed."""
    graph = editor.model.graph
    tables = {
        tensor.name
        for tensor in graph.initializer
        if len(tensor.dims) == 2
        and tensor.dims[0] >= least_rows
        and tensor.data_type == TensorProto.FLOAT
    }
    # Also tables of the decoder's output that no look-up of the same graph reads.
    turned = {
        node.output[0]: node.input[0]
        for node in graph.node
        if node.op_type == "Transpose" and node.input[0] in tables
    }
    looked_up = {node.input[0] for node in graph.node if node.op_type == "Gather"} & tables

    def replacement(node: NodeProto) -> list[NodeProto]:
        if node.op_type == "Gather" and node.input[0] in looked_up:
            return _look_up(editor, node)
        if node.op_type == "Transpose" and node.output[0] in turned:
            return _turn(editor, node)
        if node.op_type == "MatMul" and node.input[1] in turned:
            return _multiply(editor, node, turned[node.input[1]])
        return [node]

    editor.replace(replacement)


def _table(editor: GraphEditor, name: str) -> tuple[str, str]:
    """The table in int8 (rows, width) and its scales (rows, 1)."""
    values: Array = editor.constant(name)
    largest = np.maximum(np.abs(values).max(axis=1, keepdims=True), _TINY)
    scale = np.asarray(largest / _LEVELS, np.float32)
    return (
        editor.add_constant(f"{name}_int8", np.rint(values / scale).astype(np.int8)),
        editor.add_constant(f"{name}_scale", scale),
    )


def _look_up(editor: GraphEditor, node: NodeProto) -> list[NodeProto]:
    numbers, scale = _table(editor, node.input[0])
    rows, output = node.input[1], node.output[0]
    found, factor, wide = (f"{output}_{part}" for part in ("int8", "factor", "float"))
    return [
        helper.make_node("Gather", [numbers, rows], [found], name=f"{node.name}_numbers"),
        helper.make_node("Gather", [scale, rows], [factor], name=f"{node.name}_scales"),
        helper.make_node("Cast", [found], [wide], to=TensorProto.FLOAT, name=f"{node.name}_cast"),
        helper.make_node("Mul", [wide, factor], [output], name=f"{node.name}_rescale"),
    ]


def _turn(editor: GraphEditor, node: NodeProto) -> list[NodeProto]:
    numbers, scale = _table(editor, node.input[0])
    output = node.output[0]
    return [
        helper.make_node(
            "Transpose", [each], [f"{output}_{part}"], name=f"{node.name}_{part}", perm=[1, 0]
        )
        for each, part in ((numbers, "int8"), (scale, "scale"))
    ]


def _multiply(editor: GraphEditor, node: NodeProto, table: str) -> list[NodeProto]:
    """The nodes of ``per_channel``, with a matrix that other nodes make."""
    source, matrix, output = node.input[0], node.input[1], node.output[0]
    rows = editor.constant(table).shape[0]
    numbers, scale, zero = (f"{source}_{part}" for part in ("int8", "scale", "zero"))
    product, wide, factor = (f"{output}_{part}" for part in ("int32", "float", "factor"))
    offset = editor.add_constant(f"{matrix}_zero", np.zeros(rows, np.int8))
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
            "MatMulInteger",
            [numbers, f"{matrix}_int8", zero, offset],
            [product],
            name=node.name,
        ),
        helper.make_node("Cast", [product], [wide], to=TensorProto.FLOAT, name=f"{node.name}_cast"),
        helper.make_node("Mul", [scale, f"{matrix}_scale"], [factor], name=f"{node.name}_factor"),
        helper.make_node("Mul", [wide, factor], [output], name=f"{node.name}_rescale"),
    ]
