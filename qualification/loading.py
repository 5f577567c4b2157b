"""Graphs that read another file, or never end, as the newest version of a served model."""

from __future__ import annotations

import shutil
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from burnish.bundle import read_manifest, write_manifest
from qualification.bench import Bench, make_tiny
from qualification.loading_guards import HASTY_S
from qualification.models import LABELS, MODEL, ROUTE
from qualification.rows import Measurement, Row
from qualification.servers import Served
from tests.endless import endless_bundle
from tests.tiny_onnx import tiny_graph, tiny_task, tiny_tokenizer

__all__ = ["ROWS", "reloaded"]

SECRET = "weights.key"
SETTLE_S = 60.0
SLACK_S = 10.0
"""A busy machine starts processes late."""

Hide = Callable[[onnx.GraphProto, TensorProto], None]


def measure_external(bench: Bench) -> Measurement:
    """Weights in a file of the server's working directory, by four places of a graph."""
    models = bench.folder / "models"
    make_tiny(models / MODEL / "1", "classification", name=MODEL, labels=LABELS[0])
    problems = []
    with bench.serving(models) as served:
        for name, hide in PLACES.items():
            place = models / MODEL / "9"
            _leaking(place, hide, bench.folder / SECRET)
            outcome = reloaded(served)
            if "refused" not in outcome or "external data" not in outcome:
                problems.append(f"{name}: {outcome.strip()[-200:] or 'nothing was said'}")
            shutil.rmtree(place)
            reply = served.ask("POST", ROUTE, {"inputs": "my card"})
            problems += [f"{name}: then {reply.status}"] if reply.status != 200 else []
    figure = f"{len(PLACES) - len(problems)}/{len(PLACES)} refused by the tensor's name"
    return Measurement(figure, not problems, {"problems": problems})


def measure_endless(bench: Bench) -> Measurement:
    """A graph that never ends is laid down; then a whole one, which must come."""
    models = bench.folder / "models"
    make_tiny(models / MODEL / "1", "classification", name=MODEL, labels=LABELS[0])
    with bench.serving(models, guards_off=("hasty-loads",)) as served:
        endless_bundle(models / MODEL / "8", name=MODEL, labels=LABELS[1])
        begin = time.monotonic()
        said = reloaded(served, until_s=HASTY_S + SLACK_S)
        refused_s = time.monotonic() - begin
        meanwhile = served.ask("POST", ROUTE, {"inputs": "my card"}).status
        shutil.rmtree(models / MODEL / "8")
        make_tiny(models / MODEL / "9", "classification", name=MODEL, labels=LABELS[1])
        later = reloaded(served, until_s=HASTY_S + SLACK_S)
    refused, switched = "refused" in said and "never end" in said, "switched" in later
    figure = (
        f"refused by name after {refused_s:.1f} s of {HASTY_S:.0f}, the old model answered "
        f"{meanwhile}, the next version {'came' if switched else 'did not come'}"
        if refused
        else "not refused"
    )
    passed = refused and switched and meanwhile == 200 and refused_s <= HASTY_S + SLACK_S
    return Measurement(figure, passed, {"said": said[-500:], "later": later[-500:]})


def reloaded(served: Served, *, until_s: float = SETTLE_S) -> str:
    """Have the server look again; what it then says of a model."""
    before = len(served.log_text())
    served.process.send_signal(signal.SIGHUP)
    end = time.monotonic() + until_s
    while time.monotonic() < end:
        said = served.log_text()[before:]
        if "refused" in said or "switched" in said or served.process.poll() is not None:
            return said
        time.sleep(0.05)
    return ""


def _leaking(place: Path, hide: Hide, secret: Path) -> None:
    """A bundle, whole by its digests, whose head lies in a file beside the server."""
    make_tiny(place, "classification", int8=False, name=MODEL, labels=LABELS[1])
    manifest, _ = read_manifest(place)
    model = tiny_graph(tiny_task("classification"), tiny_tokenizer())
    head = next(each for each in model.graph.initializer if each.name == "head")
    content = numpy_helper.to_array(head).astype(np.float32).tobytes()
    secret.write_bytes(content)
    model.graph.initializer.remove(head)
    outside = TensorProto(name="head", data_type=TensorProto.FLOAT, dims=head.dims)
    outside.data_location = TensorProto.EXTERNAL
    for key, value in (("location", secret.name), ("length", str(len(content)))):
        outside.external_data.add(key=key, value=value)
    hide(model.graph, outside)
    (place / "model.onnx").write_bytes(model.SerializeToString())
    (place / "manifest.json").unlink()
    write_manifest(place, manifest)


def _initializer(graph: onnx.GraphProto, tensor: TensorProto) -> None:
    graph.initializer.append(tensor)


def _constant(graph: onnx.GraphProto, tensor: TensorProto) -> None:
    graph.node.insert(0, helper.make_node("Constant", [], ["head"], value=tensor))


def _branch(graph: onnx.GraphProto, tensor: TensorProto) -> None:
    """In both branches of a choice."""
    tensor.name = "inner"
    graph.initializer.append(numpy_helper.from_array(np.array(True), "choice"))
    branches = {f"{name}_branch": body for name, body in _branches(tensor)}
    graph.node.insert(0, helper.make_node("If", ["choice"], ["head"], **branches))


def _branches(tensor: TensorProto) -> Iterator[tuple[str, onnx.GraphProto]]:
    for name in ("then", "else"):
        value = helper.make_tensor_value_info(f"of_{name}", TensorProto.FLOAT, tensor.dims)
        node = helper.make_node("Identity", ["inner"], [f"of_{name}"])
        yield name, helper.make_graph([node], name, [], [value], [tensor])


def _branch_constant(graph: onnx.GraphProto, tensor: TensorProto) -> None:
    """A constant of both branches."""
    graph.initializer.append(numpy_helper.from_array(np.array(True), "choice"))
    branches = {}
    for name in ("then", "else"):
        value = helper.make_tensor_value_info(f"of_{name}", TensorProto.FLOAT, tensor.dims)
        node = helper.make_node("Constant", [], [f"of_{name}"], value=tensor)
        branches[f"{name}_branch"] = helper.make_graph([node], name, [], [value])
    graph.node.insert(0, helper.make_node("If", ["choice"], ["head"], **branches))


PLACES: dict[str, Hide] = {
    "initializer": _initializer,
    "constant": _constant,
    "initializer of a sub-graph": _branch,
    "constant of a sub-graph": _branch_constant,
}

ROWS = (
    Row(
        name="external-data",
        test="graph with external data, four places of it, in the server's working directory",
        anchor="none",
        bar="4/4 refused by the tensor's name, the old model answers",
        measure=measure_external,
        guards=("no-graph-scan", "no-trial"),
        timed=False,
    ),
    Row(
        name="endless-graph",
        test="graph that never ends, then a whole version",
        anchor="none",
        bar="refused by name at the deadline (here 15 s, and 10 for a busy machine), the old model "
        "answers, the next version comes",
        measure=measure_endless,
        guards=("no-trial",),
        timed=False,
    ),
)
