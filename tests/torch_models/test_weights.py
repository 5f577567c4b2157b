"""Weights that are damaged, quantized, split or of another model."""

from __future__ import annotations

import json
import os
import pickle
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from burnish.torch_models.base import resolve_base
from burnish.torch_models.build import build_model
from tests.torch_models.bases import TASK, refusal

INDEX = "model.safetensors.index.json"


def _shard(model: Path, shard: str, names: dict[str, str] | None = None) -> None:
    """Turn the weights into one shard of that name, and an index."""
    tensors = load_file(model / "model.safetensors")
    (model / "model.safetensors").rename(model / Path(shard).name)
    index = {"metadata": {"total_size": 1}, "weight_map": names or dict.fromkeys(tensors, shard)}
    (model / INDEX).write_text(json.dumps(index))


def _torn(model: Path) -> None:
    path = model / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-100])


def _torn_header(model: Path) -> None:
    path = model / "model.safetensors"
    path.write_bytes(path.read_bytes()[:50])


def _header(header: dict[str, Any], body: bytes = b"") -> Callable[[Path], None]:
    def write(model: Path) -> None:
        content = json.dumps(header).encode()
        whole = struct.pack("<Q", len(content)) + content + body
        (model / "model.safetensors").write_bytes(whole)

    return write


@pytest.mark.parametrize(
    "damage",
    [
        _torn,
        _torn_header,
        _header({"a": {"dtype": "F32", "shape": [10**9, 10**9], "data_offsets": [0, 4]}}, b"1234"),
        _header({"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 400]}}, b"1234"),
        _header({"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 4]}}, b"1234"),
        _header({"a": {"dtype": "F32", "shape": [1], "data_offsets": [4, 0]}}, b"1234"),
        _header({"a": {"dtype": "X9", "shape": [1], "data_offsets": [0, 4]}}, b"1234"),
        _header({"a": 1}),
        _header({}),
        lambda model: (model / "model.safetensors").write_bytes(struct.pack("<Q", 2**62) + b"{"),
        lambda model: (model / "model.safetensors").write_bytes(b"\x01"),
        lambda model: (model / "model.safetensors").write_bytes(os.urandom(4000)),
    ],
)
def test_damaged_weights_are_refused_before_anything_is_loaded(model, damage) -> None:
    damage(model)
    refusal(model)


@pytest.mark.parametrize("dtype", [torch.int8, torch.uint8, torch.float8_e4m3fn])
def test_quantized_weights_are_refused_by_their_type(model, dtype) -> None:
    tensors = load_file(model / "model.safetensors")
    name = next(name for name in tensors if name.endswith("query.weight"))
    tensors[name] = torch.zeros(32, 32).to(dtype)
    save_file(tensors, model / "model.safetensors", metadata={"format": "pt"})
    assert "quantized" in refusal(model).message


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_a_weight_that_is_no_number_is_refused_by_its_tensor(model, value, dtype) -> None:
    tensors = load_file(model / "model.safetensors")
    name = next(name for name in tensors if name.endswith("query.weight"))
    tensors[name] = tensors[name].to(dtype)
    tensors[name][3, 4] = value
    save_file(tensors, model / "model.safetensors", metadata={"format": "pt"})
    message = refusal(model).message
    assert name in message
    assert "1 value that is NaN or infinite" in message


def test_weights_of_another_framework_are_refused(model) -> None:
    tensors = load_file(model / "model.safetensors")
    save_file(tensors, model / "model.safetensors", metadata={"format": "tf"})
    assert "'tf'" in refusal(model).message


@pytest.mark.parametrize(
    "shard",
    [
        "weights.bin",
        "weights.pt",
        "model.safetensors.bin",
        "../model-1.safetensors",
        "/etc/model-1.safetensors",
        "sub/model-1.safetensors",
        "",
        7,
        None,
        ["model-1.safetensors"],
    ],
    ids=str,
)
def test_a_shard_is_a_safetensors_file_of_the_directory(model, shard) -> None:
    _shard(model, "model-1.safetensors", {"a": shard})
    assert INDEX in refusal(model).message


@pytest.mark.parametrize("index", ["[]", "{}", '{"weight_map": {}}', '{"weight_map": {"a": "b"}}'])
def test_an_index_that_is_none_is_refused(model, index) -> None:
    (model / "model.safetensors").unlink()
    (model / INDEX).write_text(index)
    assert INDEX in refusal(model).message


def test_a_pickle_that_is_called_safetensors_is_not_loaded(model, monkeypatch) -> None:
    monkeypatch.setattr(torch, "load", None)
    _shard(model, "model-1.safetensors")
    (model / "model-1.safetensors").write_bytes(pickle.dumps({"a": 1}))
    assert "pickle" in refusal(model).message


def test_shards_of_safetensors_are_loaded(model) -> None:
    _shard(model, "model-00001-of-00001.safetensors")
    base = resolve_base(str(model))
    assert build_model(base, TASK, pooling="mean", seed=0).module is not None


@pytest.mark.parametrize("dtype", [torch.int64, torch.bool])
def test_weights_of_whole_numbers_are_refused_by_their_tensor(model, dtype) -> None:
    tensors = load_file(model / "model.safetensors")
    name = next(name for name in tensors if name.endswith("query.weight"))
    tensors[name] = tensors[name].to(dtype)
    save_file(tensors, model / "model.safetensors", metadata={"format": "pt"})
    assert name in refusal(model).message


def test_weights_of_other_names_are_refused_at_vetting(model) -> None:
    tensors = {f"x.{key}": t for key, t in load_file(model / "model.safetensors").items()}
    save_file(tensors, model / "model.safetensors", metadata={"format": "pt"})
    assert "of different models" in refusal(model).message
