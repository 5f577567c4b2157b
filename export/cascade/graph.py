"""Two graphs as one: ONNX's own ``If`` runs the second only where the first is not sure."""

from __future__ import annotations

from pathlib import Path

import onnx
from onnx import ModelProto, TensorProto, compose, helper

from ..int8.graph import load_graph

__all__ = ["write_cascade"]

_FIRST, _WHOLE = "first/", "whole/"


def write_cascade(
    first: Path,
    whole: Path,
    target: Path,
    *,
    output: str,
    least: float,
    temperature: float,
    scale: float,
) -> None:
    """Write one graph that answers as ``first`` where its best probability reaches ``least``.

    Several rows in one batch are answered by ``whole`` where any of them needs it. burnish runs
    each window alone, so that a text's answer does not depend on the others.

    Args:
        first: the small graph, of logits (batch, labels).
        whole: the large one.
        target: the file to write.
        output: the name of the logits in both.
        least: of the first model's best probability.
        temperature: that makes probabilities of the first model's logits.
        scale: of the first model's logits in the answer, so that one temperature suits both.
    """
    small, large = _prefixed(first, _FIRST), _prefixed(whole, _WHOLE)
    numbers = {"temperature": temperature, "least": least, "scale": scale}
    constants = [
        helper.make_tensor(f"cascade/{name}", TensorProto.FLOAT, [], [value])
        for name, value in numbers.items()
    ]
    logits, scaled = f"{_FIRST}{output}", "cascade/answer"
    deciding = [
        helper.make_node("Div", [logits, "cascade/temperature"], ["cascade/tempered"]),
        helper.make_node("Softmax", ["cascade/tempered"], ["cascade/p"], axis=-1),
        helper.make_node("ReduceMax", ["cascade/p", "cascade/last"], ["cascade/best"], keepdims=0),
        helper.make_node("ReduceMin", ["cascade/best"], ["cascade/least_sure"], keepdims=0),
        helper.make_node(
            "GreaterOrEqual", ["cascade/least_sure", "cascade/least"], ["cascade/sure"]
        ),
        helper.make_node("Mul", [logits, "cascade/scale"], [scaled]),
        helper.make_node(
            "If",
            ["cascade/sure"],
            [output],
            then_branch=helper.make_graph(
                [helper.make_node("Identity", [scaled], [f"then/{output}"])],
                "first",
                [],
                [_logits(large, f"then/{output}")],
            ),
            else_branch=helper.make_graph(
                large.graph.node,
                "whole",
                [],
                [_logits(large, f"{_WHOLE}{output}")],
                initializer=large.graph.initializer,
            ),
        ),
    ]
    constants.append(helper.make_tensor("cascade/last", TensorProto.INT64, [1], [-1]))
    graph = helper.make_graph(
        [*small.graph.node, *deciding],
        "cascade",
        large.graph.input,
        [_logits(large, output)],
        initializer=[*small.graph.initializer, *constants],
    )
    versions = {each.domain: each.version for each in (*small.opset_import, *large.opset_import)}
    joined = helper.make_model(
        graph,
        ir_version=max(small.ir_version, large.ir_version),
        opset_imports=[helper.make_opsetid(*each) for each in versions.items()],
    )
    onnx.save(joined, str(target))


def _prefixed(path: Path, prefix: str) -> ModelProto:
    """A graph whose names all have a prefix, but for its inputs."""
    model = compose.add_prefix(load_graph(path), prefix)
    inputs = {entry.name: entry.name.removeprefix(prefix) for entry in model.graph.input}
    for entry in model.graph.input:
        entry.name = inputs[entry.name]
    for node in model.graph.node:
        for place, name in enumerate(node.input):
            node.input[place] = inputs.get(name, name)
    return model


def _logits(model: ModelProto, name: str) -> onnx.ValueInfoProto:
    """The output of a model under another name."""
    found = onnx.ValueInfoProto()
    found.CopyFrom(model.graph.output[0])
    found.name = name
    return found
