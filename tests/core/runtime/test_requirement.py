"""The least onnxruntime of a bundle: stated in its manifest, and an older one refuses by name."""

from __future__ import annotations

import onnxruntime
import pytest

from burnish.bundle import read_manifest, write_manifest
from burnish.errors import BundleError
from burnish.runtime import load_model, requirement, steps
from burnish.runtime.graph_file import Operator
from burnish.runtime.requirement import check_onnxruntime, least_onnxruntime
from burnish.runtime.sharing import Shared
from tests.tiny_onnx import tiny_bundle

BLOCKS = Operator("com.microsoft", "MatMulNBits")
PLAIN = Operator("", "MatMul")


def test_weights_in_blocks_need_a_newer_onnxruntime_than_the_rest():
    assert least_onnxruntime(frozenset({PLAIN})) == "1.20"
    assert least_onnxruntime(frozenset({PLAIN, BLOCKS})) == "1.22"


@pytest.mark.parametrize("installed", ["1.20.1", "1.21", "1.21.9", "1.9.0", "0.22"])
def test_an_older_runtime_refuses_by_name(installed):
    with pytest.raises(BundleError, match=r"needs onnxruntime 1\.22 or newer") as caught:
        check_onnxruntime("tickets", "1.20", "1.22", installed=installed)
    assert installed in caught.value.message
    assert "onnxruntime>=1.22" in caught.value.hint


@pytest.mark.parametrize("installed", ["1.22", "1.22.0", "1.22.0.dev2", "1.32.1", "2.0"])
def test_a_newer_one_is_enough(installed):
    check_onnxruntime("tickets", "1.20", "1.22", installed=installed)
    check_onnxruntime("tickets", "", installed=installed)


def test_a_bundle_states_it_and_is_refused_before_its_graph_is_loaded(tmp_path):
    path = tiny_bundle(tmp_path / "b")
    manifest, _ = read_manifest(path)
    assert manifest.least_onnxruntime == ""  # as of burnish 0.1, which still loads
    (path / "manifest.json").unlink()
    write_manifest(path, manifest.model_copy(update={"least_onnxruntime": "99.1"}))
    with pytest.raises(BundleError, match=r"needs onnxruntime 99\.1 or newer"):
        load_model(path)


def test_a_bundle_of_an_older_export_is_known_by_its_graph(tmp_path, monkeypatch):
    path = tiny_bundle(tmp_path / "b")
    monkeypatch.setattr(steps, "_SESSIONS", Shared())  # another test may still hold this graph
    monkeypatch.setitem(requirement._OPERATORS, PLAIN, "98.0")
    with pytest.raises(BundleError, match=rf"98\.0 or newer, and {onnxruntime.__version__}"):
        load_model(path)
