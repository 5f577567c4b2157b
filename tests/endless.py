"""Graphs that never end, or end their process, for the loading of bundles to be tried with."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from burnish.bundle import read_manifest, write_manifest
from tests.tiny_onnx import tiny_bundle, tiny_graph, tiny_task, tiny_tokenizer

__all__ = ["endless_bundle"]


def endless_bundle(directory: Path, **settings: object) -> Path:
    """A tiny bundle, whole by its digests, whose graph counts to 2^62 before it answers."""
    path = tiny_bundle(directory, **settings)  # type: ignore[arg-type]
    manifest, _ = read_manifest(path)
    graph = tiny_graph(tiny_task("classification"), tiny_tokenizer())
    _never_end(graph.graph)
    onnx.save(graph, str(path / "model.onnx"))
    (path / "manifest.json").unlink()
    write_manifest(path, manifest)
    return path


def _never_end(graph: onnx.GraphProto) -> None:
    """Add nothing to the logits, after a loop that takes longer than anybody lives."""
    for node in graph.node:
        node.output[:] = ["all_logits" if name == "logits" else name for name in node.output]
    body = helper.make_graph(
        [
            helper.make_node("Identity", ["go_on"], ["still"]),
            helper.make_node("Cos", ["carried"], ["turned"]),
        ],
        "body",
        [
            helper.make_tensor_value_info("number", TensorProto.INT64, []),
            helper.make_tensor_value_info("go_on", TensorProto.BOOL, []),
            helper.make_tensor_value_info("carried", TensorProto.FLOAT, [1]),
        ],
        [
            helper.make_tensor_value_info("still", TensorProto.BOOL, []),
            helper.make_tensor_value_info("turned", TensorProto.FLOAT, [1]),
        ],
    )
    constants = {
        "rounds": np.array(2**62, dtype=np.int64),
        "always": np.array(True),
        "none": np.zeros(1, dtype=np.float32),
    }
    for name, value in constants.items():
        graph.initializer.append(numpy_helper.from_array(value, name))
    graph.node.append(helper.make_node("Loop", ["rounds", "always", "none"], ["looped"], body=body))
    graph.node.append(helper.make_node("Add", ["all_logits", "looped"], ["logits"]))
