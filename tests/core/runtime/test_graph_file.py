"""External data is found wherever a graph can hold a tensor, and refused before it is loaded."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import GraphProto, ModelProto, SparseTensorProto, TensorProto, helper, numpy_helper

from burnish.bundle import read_manifest, write_manifest
from burnish.errors import BundleError
from burnish.runtime import load_model
from burnish.runtime.graph_file import (
    GraphFileError,
    Operator,
    external_files,
    external_tensor,
    operators,
)
from burnish.runtime.session import Session
from tests.tiny_onnx import tiny_bundle, tiny_graph, tiny_task, tiny_tokenizer

INPUTS = ("input_ids", "attention_mask")


def tensor(location: str = "") -> TensorProto:
    """Named "w"; external where a location is given."""
    found = TensorProto(name="w", data_type=TensorProto.UINT8, dims=[1, 8])
    if location:
        found.data_location = TensorProto.EXTERNAL
        for key, value in (("location", location), ("offset", "0"), ("length", "8")):
            found.external_data.add(key=key, value=value)
    else:
        found.raw_data = bytes(8)
    return found


def graph(**parts: Any) -> GraphProto:
    return GraphProto(**parts)


def sparse(external: TensorProto) -> SparseTensorProto:
    return SparseTensorProto(values=external, dims=[8])


def node(**attributes: Any) -> onnx.NodeProto:
    return helper.make_node("Constant", [], ["c"], **attributes)


PLACES: dict[str, Callable[[TensorProto], ModelProto]] = {
    "initializer": lambda t: ModelProto(graph=graph(initializer=[t])),
    "second initializer": lambda t: ModelProto(graph=graph(initializer=[tensor(), t])),
    "sparse initializer": lambda t: ModelProto(graph=graph(sparse_initializer=[sparse(t)])),
    "sparse indices": lambda t: ModelProto(
        graph=graph(sparse_initializer=[SparseTensorProto(values=tensor(), indices=t)])
    ),
    "constant": lambda t: ModelProto(graph=graph(node=[node(value=t)])),
    "sparse constant": lambda t: ModelProto(graph=graph(node=[node(sparse_value=sparse(t))])),
    "list of constants": lambda t: ModelProto(graph=graph(node=[node(values=[tensor(), t])])),
    "list of sparse constants": lambda t: ModelProto(graph=graph(node=[node(values=[sparse(t)])])),
    "sub-graph": lambda t: ModelProto(graph=graph(node=[node(body=graph(initializer=[t]))])),
    "list of sub-graphs": lambda t: ModelProto(
        graph=graph(node=[node(bodies=[graph(), graph(initializer=[t])])])
    ),
    "sub-graph in a sub-graph": lambda t: ModelProto(
        graph=graph(node=[node(body=graph(node=[node(then=graph(node=[node(value=t)]))]))])
    ),
    "function": lambda t: ModelProto(functions=[onnx.FunctionProto(node=[node(value=t)])]),
    "default of a function": lambda t: ModelProto(
        functions=[onnx.FunctionProto(attribute_proto=[helper.make_attribute("a", t)])]
    ),
    "training": lambda t: ModelProto(
        training_info=[onnx.TrainingInfoProto(initialization=graph(initializer=[t]))]
    ),
}


@pytest.mark.parametrize("place", PLACES)
def test_external_data_is_found_wherever_a_tensor_can_stand(place):
    make = PLACES[place]
    assert external_tensor(make(tensor("api.key")).SerializeToString()) == "w"
    assert external_tensor(make(tensor()).SerializeToString()) is None


def test_either_sign_of_external_data_is_enough():
    """A later field may take the first one back in one parser and not in another."""
    only_location = tensor()
    only_location.data_location = TensorProto.EXTERNAL
    only_entries = tensor("api.key")
    only_entries.ClearField("data_location")
    taken_back = tensor("api.key").SerializeToString() + b"\x70\x00"
    for content in (
        only_location.SerializeToString(),
        only_entries.SerializeToString(),
        taken_back,
    ):
        length = len(content)
        assert length < 128
        inner = b"\x2a" + bytes([length]) + content
        assert external_tensor(b"\x3a" + bytes([len(inner)]) + inner) == "w"


def test_graphs_that_stand_twice_are_both_looked_at():
    """Protobuf merges a message that is there twice."""
    whole = ModelProto(graph=graph(initializer=[tensor()])).SerializeToString()
    other = ModelProto(graph=graph(initializer=[tensor("api.key")])).SerializeToString()
    assert external_tensor(whole + other) == "w"
    assert external_tensor(other + whole) == "w"


def test_a_tag_of_more_than_32_bits_is_refused():
    """C++'s protobuf cuts it to 32: ONNX Runtime 1.22 took this for external data and read it."""
    external_data, cut_away = 13 << 3 | 2, 1 << 32
    entry = TensorProto(name="w").SerializeToString() + _number(external_data + cut_away) + b"\x00"
    inner = b"\x2a" + _length(entry) + entry
    with pytest.raises(GraphFileError):
        external_tensor(b"\x3a" + _length(inner) + inner)


def test_a_deep_graph_does_not_use_up_the_stack():
    content = b""
    for _ in range(3000):
        attribute = b"\x32" + _length(content) + content  # g
        inner = b"\x2a" + _length(attribute) + attribute  # attribute
        content = b"\x0a" + _length(inner) + inner  # node
    assert external_tensor(b"\x3a" + _length(content) + content) is None


def _length(content: bytes) -> bytes:
    return _number(len(content))


def _number(number: int) -> bytes:
    found = b""
    while number >= 128:
        found, number = found + bytes([number & 127 | 128]), number >> 7
    return found + bytes([number])


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(content):
    try:
        external_tensor(content)
        operators(content)
    except GraphFileError:
        pass


@pytest.mark.parametrize("content", [b"\x08", b"\x3a\xff", b"\x0b\x0c", b"\x00\x00", b"\xff" * 20])
def test_what_is_no_graph_is_refused(content):
    with pytest.raises(GraphFileError):
        external_tensor(content)


def test_onnxruntimes_own_format_is_refused():
    """It can name external data too, and ONNX Runtime takes it wherever a graph may stand."""
    with pytest.raises(GraphFileError, match="own format"):
        external_tensor(b"\x08\x09\x12\x00ORTM" + bytes(64))


def test_the_tiny_graph_has_none_and_its_operators_are_known():
    content = tiny_graph(tiny_task("classification"), tiny_tokenizer()).SerializeToString()
    assert external_tensor(content) is None
    assert {Operator("", "MatMul"), Operator("", "Gather")} <= operators(content)


def test_the_files_of_external_tensors_are_known(tmp_path):
    whole = tiny_graph(tiny_task("classification"), tiny_tokenizer())
    assert external_files(whole.SerializeToString()) == frozenset()
    for tensor, name in zip(whole.graph.initializer, ("shared.bin", "api.key"), strict=False):
        tensor.data_location = TensorProto.EXTERNAL
        tensor.external_data.add(key="location", value=name)
    assert external_files(whole.SerializeToString()) == {"shared.bin", "api.key"}
    whole.graph.initializer[0].external_data.add(key="location", value="second")
    assert "second" in external_files(whole.SerializeToString())
    del whole.graph.initializer[1].external_data[:]
    assert "" in external_files(whole.SerializeToString())


def leaking(path, monkeypatch):
    """A tiny bundle, whole by its digests, with weights in a file of the working directory."""
    manifest, _ = read_manifest(tiny_bundle(path))
    whole = tiny_graph(tiny_task("classification"), tiny_tokenizer())
    head = next(each for each in whole.graph.initializer if each.name == "head")
    (path.parent / "api.key").write_bytes(numpy_helper.to_array(head).astype(np.float32).tobytes())
    head.ClearField("raw_data")
    head.data_location = TensorProto.EXTERNAL
    head.external_data.add(key="location", value="api.key")
    (path / "model.onnx").write_bytes(whole.SerializeToString())
    (path / "manifest.json").unlink()
    write_manifest(path, manifest)
    monkeypatch.chdir(path.parent)
    return path


def test_a_bundle_that_reads_the_working_directory_is_refused_by_name(tmp_path, monkeypatch):
    path = leaking(tmp_path / "b", monkeypatch)
    with pytest.raises(BundleError, match="'head' is external data"):
        load_model(path)


def test_onnx_runtime_itself_would_have_read_it(tmp_path, monkeypatch):
    """The negative control: without the scan the weights come from the other file."""
    path = leaking(tmp_path / "b", monkeypatch)
    monkeypatch.setattr("burnish.runtime.session.check_graph", lambda *_: None)
    with load_model(path) as model:
        assert model.predict_one("my invoice").tokens == 2


def test_a_file_is_looked_at_where_its_bytes_are_not_given(tmp_path, monkeypatch):
    path = leaking(tmp_path / "b", monkeypatch)
    with pytest.raises(BundleError, match="external data"):
        Session(path / "model.onnx", inputs=INPUTS, outputs=("logits",))
    (path / "model.onnx").write_bytes(b"")
    with pytest.raises(BundleError, match="cannot be read"):
        Session(path / "model.onnx", inputs=INPUTS, outputs=("logits",))
