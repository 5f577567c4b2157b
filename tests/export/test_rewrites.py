from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
import pytest
from onnx import TensorProto, helper, numpy_helper

from burnish.errors import BundleError
from burnish.export.int8 import graph as graph_module
from burnish.export.int8.graph import GraphEditor, load_graph, save_graph, weight_matmuls
from burnish.export.int8.plans import Plan, write_quantized
from burnish.export.int8.smoothing import smooth

RNG = np.random.default_rng(0)
TABLE = RNG.normal(size=(1200, 48)).astype(np.float32)
WIDE = RNG.normal(size=(48, 64), scale=0.2).astype(np.float32)
BACK = RNG.normal(size=(64, 48), scale=0.2).astype(np.float32)
HEAD = RNG.normal(size=(48, 3)).astype(np.float32)


def write_graph(path: Path, *, shared: bool = False) -> Path:
    """Look-up, two multiplications with a channel of outliers before the first, and a head."""
    outliers = np.ones(48, dtype=np.float32)
    outliers[7] = 40
    constants = {"table": TABLE, "outliers": outliers, "wide": WIDE, "back": BACK, "head": HEAD}
    nodes = [
        helper.make_node("Gather", ["table", "input_ids"], ["vectors"], name="look"),
        helper.make_node("Mul", ["vectors", "outliers"], ["h"], name="stretch"),
        helper.make_node("MatMul", ["h", "wide"], ["a"], name="first"),
        helper.make_node("Relu", ["a"], ["r"], name="relu"),
        helper.make_node("MatMul", ["r", "back"], ["b"], name="second"),
        helper.make_node("MatMul", ["b", "head"], ["logits" if not shared else "l"], name="head"),
    ]
    if shared:
        nodes += [
            helper.make_node("MatMul", ["b", "wide"], ["again"], name="third"),
            helper.make_node("ReduceSum", ["again"], ["sum"], name="sum", keepdims=0),
            helper.make_node("Add", ["l", "sum"], ["logits"], name="add"),
        ]
    model = helper.make_model(
        helper.make_graph(
            nodes,
            "g",
            [helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["b", "n"])],
            [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["b", "n", 3])],
            [numpy_helper.from_array(value, name) for name, value in constants.items()],
        ),
        opset_imports=[helper.make_opsetid("", 18)],
        ir_version=9,
    )
    onnx.checker.check_model(model)
    save_graph(model, path)
    return path


def answer(path: Path, ids: np.ndarray) -> np.ndarray:
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    session = ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    return session.run(None, {"input_ids": ids})[0]


IDS = RNG.integers(0, 1200, size=(1, 30))
MAXIMA = {"h": np.abs(TABLE[IDS[0]]).max(0) * np.where(np.arange(48) == 7, 40, 1)}
MAXIMA["r"] = np.ones(64, dtype=np.float32)


@pytest.fixture
def source(tmp_path) -> Path:
    return write_graph(tmp_path / "fp32.onnx")


def quantized(source: Path, plan: Plan) -> Path:
    target = source.with_name(f"{plan.name}.onnx")
    write_quantized(source, target, plan, maxima=MAXIMA)
    return target


def error(source: Path, plan: Plan) -> float:
    difference = answer(quantized(source, plan), IDS) - answer(source, IDS)
    return float(np.sqrt(np.square(difference).mean()))


@pytest.mark.parametrize(("scheme", "per_channel"), [("channel", True), ("tensor", False)])
def test_dynamic_is_bit_for_bit_what_onnxruntime_quantizes_to(source, scheme, per_channel, caplog):
    from onnxruntime.quantization import quantize_dynamic

    caplog.set_level("CRITICAL")
    theirs = source.with_name("theirs.onnx")
    quantize_dynamic(
        source,
        theirs,
        op_types_to_quantize=["MatMul"],
        nodes_to_exclude=["head"],
        per_channel=per_channel,
        reduce_range=True,
    )
    ours = quantized(source, Plan("ours", scheme, tables=False))
    assert np.array_equal(answer(ours, IDS), answer(theirs, IDS))


def test_no_dynamic_weight_exceeds_seven_bits(source):
    model = load_graph(quantized(source, Plan("p", "channel", tables=False)))
    weights = [numpy_helper.to_array(t) for t in model.graph.initializer if "_int8" in t.name]
    assert len(weights) == 2
    assert all(np.abs(weight.astype(int)).max() == 64 for weight in weights)


def test_onnxruntime_fuses_the_dynamic_form_into_one_kernel(source, tmp_path):
    options = ort.SessionOptions()
    options.optimized_model_filepath = str(tmp_path / "optimized.onnx")
    options.log_severity_level = 4
    path = quantized(source, Plan("p", "channel"))
    ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    kinds = [node.op_type for node in onnx.load(options.optimized_model_filepath).graph.node]
    assert kinds.count("DynamicQuantizeMatMul") == 2


def test_smoothing_alone_changes_nothing(source, tmp_path):
    editor = GraphEditor(load_graph(source))
    smooth(editor, MAXIMA, strength=0.7)
    save_graph(editor.model, tmp_path / "smooth.onnx")
    before, after = answer(source, IDS), answer(tmp_path / "smooth.onnx", IDS)
    assert np.abs(after - before).max() <= 1e-5 * np.abs(before).max()
    assert "h_even" in {name for node in editor.model.graph.node for name in node.output}


def test_smoothing_spares_the_channels_beside_an_outlier(source):
    assert error(source, Plan("s", "channel", smoothing=0.7)) < 0.5 * error(
        source, Plan("c", "channel")
    )


def test_a_matrix_of_two_places_is_not_smoothed_and_answers_stay(tmp_path):
    source = write_graph(tmp_path / "fp32.onnx", shared=True)
    editor = GraphEditor(load_graph(source))
    smooth(editor, MAXIMA | {"b": np.ones(48, dtype=np.float32)}, strength=0.5)
    inputs = {node.name: node.input[0] for node in editor.model.graph.node if node.name}
    assert (inputs["first"], inputs["second"], inputs["third"]) == ("h", "r_even", "b")
    assert error(source, Plan("c", "channel")) < 0.1 * np.abs(answer(source, IDS)).mean()


def test_blocks_are_closer_than_dynamic(source):
    assert error(source, Plan("b", "blocks")) < 0.5 * error(source, Plan("c", "channel"))


def test_tables_shrink_to_bytes_and_hardly_change_answers(source):
    plain, small = Plan("plain", "fp32", tables=False), Plan("small", "fp32")
    assert quantized(source, small).stat().st_size < 0.4 * quantized(source, plain).stat().st_size
    assert error(source, small) < 0.2 * error(source, Plan("c", "channel", tables=False))


def test_exceptions_are_done_in_their_own_way(source):
    model = load_graph(quantized(source, Plan("m", "channel", ("first",), "blocks")))
    kinds = {node.name: node.op_type for node in model.graph.node}
    assert (kinds["first"], kinds["second"]) == ("MatMulNBits", "MatMulInteger")
    assert kinds["head"] == "MatMul"


def test_only_blocks_are_not_the_same_on_every_processor():
    assert Plan("c", "channel", ("x",), "fp32").portable
    assert Plan("c", "channel", (), "blocks").portable
    assert not Plan("c", "channel", ("x",), "blocks").portable
    assert not Plan("b", "blocks").portable


def test_the_matrices_found_are_the_large_ones(source):
    found = weight_matmuls(load_graph(source))
    assert [(m.name, m.source, m.rows, m.columns, m.shared) for m in found] == [
        ("first", "h", 48, 64, False),
        ("second", "r", 64, 48, False),
    ]


def test_a_graph_beyond_one_file_is_refused(source, tmp_path, monkeypatch):
    monkeypatch.setattr(graph_module, "_LARGEST_BYTES", 1000)
    with pytest.raises(BundleError, match="a single ONNX file at most 2"):
        save_graph(load_graph(source), tmp_path / "large.onnx")
