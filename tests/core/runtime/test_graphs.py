"""Graphs that do not belong to their bundle are refused at load, whatever the digests say."""

import json
from pathlib import Path

import onnx
import pytest

import burnish
from burnish.bundle import read_bundle, write_manifest
from burnish.errors import BundleError
from tests.tiny_onnx import tiny_bundle


def rewrite_graph(path: Path, change) -> None:
    """Change the graph and write a manifest that fits it: what a digest cannot refuse."""
    manifest = read_bundle(path).manifest
    graph = onnx.load(str(path / "model.onnx"))
    change(graph)
    onnx.save(graph, str(path / "model.onnx"))
    (path / "manifest.json").unlink()
    write_manifest(path, manifest)


def test_a_graph_with_other_names_is_refused(tmp_path):
    path = tiny_bundle(tmp_path / "b")

    def rename(graph):
        graph.graph.output[0].name = "other"
        graph.graph.node[-1].output[0] = "other"

    rewrite_graph(path, rename)
    with pytest.raises(BundleError, match="outputs are \\['other'\\]"):
        burnish.load(path)


@pytest.mark.parametrize("labels", [["a", "b"], ["a", "b", "c", "d"]])
@pytest.mark.parametrize("task", ["classification", "extraction"])
def test_a_graph_with_another_number_of_labels_is_refused(tmp_path, task, labels):
    path = tiny_bundle(tmp_path / "b", task)
    manifest = json.loads((path / "manifest.json").read_text())
    manifest["task"]["labels"] = labels if task == "classification" else [*labels, "e"]
    manifest["seal"] = None
    (path / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(BundleError, match=r"the graph gives . numbers, the task has ."):
        burnish.load(path)


def test_a_graph_whose_weights_lie_outside_the_bundle_is_refused(tmp_path):
    path = tiny_bundle(tmp_path / "b")
    (tmp_path / "weights").write_bytes(bytes(100_000))

    def point_outside(graph):
        onnx.external_data_helper.set_external_data(graph.graph.initializer[0], "../weights")
        graph.graph.initializer[0].ClearField("raw_data")
        graph.graph.initializer[0].data_location = onnx.TensorProto.EXTERNAL

    rewrite_graph(path, point_outside)
    with pytest.raises(BundleError, match="cannot load the graph"):
        burnish.load(path)


def test_a_file_that_is_no_graph_is_refused(tmp_path):
    path = tiny_bundle(tmp_path / "b")
    manifest = read_bundle(path).manifest
    (path / "model.onnx").write_bytes(b"not a graph")
    write_manifest(path, manifest)
    with pytest.raises(BundleError, match="cannot load the graph"):
        burnish.load(path)


def test_of_a_graph_that_fails_at_a_plain_sentence_the_reason_is_told(tmp_path):
    path = tiny_bundle(tmp_path / "b")

    def shorten(graph):
        embeddings = next(each for each in graph.graph.initializer if each.name == "embeddings")
        array = onnx.numpy_helper.to_array(embeddings)[:5]
        embeddings.CopyFrom(onnx.numpy_helper.from_array(array, "embeddings"))

    rewrite_graph(path, shorten)
    with pytest.raises(BundleError, match=r"plain sentence: .*out of data bounds"):
        burnish.load(path)
