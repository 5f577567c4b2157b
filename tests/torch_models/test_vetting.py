"""Base models that could run code, or are not whole, are refused before anything is loaded."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path

import pytest
from safetensors.torch import load_file, save_file

from burnish.errors import BaseModelError
from burnish.tasks import ClassificationTask
from burnish.torch_models import base as base_module
from burnish.torch_models.base import EMBEDDED_SHA256, resolve_base
from burnish.torch_models.build import build_model
from tests.tiny import tiny_base


@pytest.fixture
def model(tmp_path) -> Path:
    return tiny_base(tmp_path / "base")


def _edit(path: Path, **keys: object) -> None:
    document = json.loads(path.read_text())
    path.write_text(json.dumps({**document, **keys}))


@pytest.mark.parametrize(
    "keys",
    [
        {"auto_map": {"AutoModel": "modeling_evil.Evil"}},
        {"auto_map": {"AutoModel": "evil/repo--modeling.Evil"}},
        {"trust_remote_code": True},
        {"_attn_implementation": "evil/kernel"},
        {"_attn_implementation_internal": "evil/kernel"},
        {"_attn_implementation_autoset": True},
        {"attn_implementation": "evil/kernel"},
        {"custom_pipelines": {"x": {"impl": "evil.Evil"}}},
        {"text_config": {"auto_map": {"AutoModel": "modeling_evil.Evil"}}},
        {"layers": [{"_attn_implementation_internal": "evil/kernel"}]},
        {"tokenizer_file": "../../etc/passwd"},
        {"extra": "https://example.org/model.bin"},
        {"extra": "file:///etc/passwd"},
        {"extra": ["ok", {"deep": "/etc/passwd"}]},
        {"extra": "C:\\models\\evil"},
        {"extra": "~"},
        {"extra": ".."},
        {"quantization_config": {"quant_method": "bitsandbytes"}},
        {"is_encoder_decoder": True},
    ],
    ids=str,
)
def test_a_hostile_config_is_refused_by_its_key(model, keys) -> None:
    _edit(model / "config.json", **keys)
    with pytest.raises(BaseModelError):
        resolve_base(str(model))


@pytest.mark.parametrize(
    "keys",
    [
        {"id2label": {"0": "and/or"}, "label2id": {"and/or": 0}},
        {"_name_or_path": "/home/somebody/bert"},
        {"_attn_implementation": None},
    ],
    ids=str,
)
def test_what_does_no_harm_is_let_through(model, keys) -> None:
    _edit(model / "config.json", **keys)
    assert resolve_base(str(model)).family == "bert"


def test_a_tokenizer_config_with_code_is_refused(model) -> None:
    _edit(model / "tokenizer_config.json", auto_map={"AutoTokenizer": ["evil.Tokenizer", None]})
    with pytest.raises(BaseModelError, match="tokenizer_config"):
        resolve_base(str(model))


def test_the_package_that_fetches_kernels_is_refused(model, monkeypatch) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: sys if name == "kernels" else find(name)
    )
    with pytest.raises(BaseModelError, match="kernels"):
        resolve_base(str(model))


def test_weights_that_can_hold_code_are_never_loaded(model) -> None:
    (model / "model.safetensors").rename(model / "pytorch_model.bin")
    with pytest.raises(BaseModelError, match=r"no model\.safetensors") as caught:
        resolve_base(str(model))
    assert ".bin" in caught.value.hint


def test_a_shard_outside_the_directory_is_refused(model) -> None:
    (model / "model.safetensors").rename(model.parent / "model.safetensors")
    index = {"weight_map": {"a": "../model.safetensors"}}
    (model / "model.safetensors.index.json").write_text(json.dumps(index))
    with pytest.raises(BaseModelError, match="index"):
        resolve_base(str(model))


def test_an_adapter_beside_the_model_is_refused(model) -> None:
    (model / "adapter_config.json").write_text('{"base_model_name_or_path": "evil/repo"}')
    with pytest.raises(BaseModelError, match="adapter_config"):
        resolve_base(str(model))


@pytest.mark.parametrize("content", ["", "[]", "{", "[" * 100_000, '"text"'])
def test_a_config_that_is_no_object_is_refused(model, content) -> None:
    (model / "config.json").write_text(content)
    with pytest.raises(BaseModelError, match=r"config\.json"):
        resolve_base(str(model))


def test_a_model_without_a_fast_tokenizer_is_refused_with_the_fix(model) -> None:
    (model / "tokenizer.json").unlink()
    with pytest.raises(BaseModelError, match=r"no tokenizer\.json") as caught:
        resolve_base(str(model))
    assert "use_fast=True" in caught.value.hint


@pytest.mark.parametrize("name", ["/nowhere/at/all", "./missing", "~/missing", "a/b/c"])
def test_a_directory_that_is_not_there_is_not_looked_for_on_a_hub(name, monkeypatch) -> None:
    monkeypatch.setattr(base_module, "_download", None)
    with pytest.raises(BaseModelError, match="not a directory"):
        resolve_base(name)


def test_a_hub_model_without_a_network_says_what_to_do() -> None:
    with pytest.raises(BaseModelError) as caught:
        resolve_base("somebody/no-such-model")
    assert "minilm" in caught.value.hint


def test_the_embedded_model_is_checked_by_digest(model, monkeypatch) -> None:
    assert resolve_base("minilm").digest == EMBEDDED_SHA256
    monkeypatch.setattr(base_module, "_embedded", lambda: model)
    with pytest.raises(BaseModelError, match="published"):
        resolve_base("minilm")


def test_a_checkpoint_that_lacks_a_layer_is_refused(model) -> None:
    tensors = load_file(model / "model.safetensors")
    kept = {name: t for name, t in tensors.items() if "layer.1.attention.self.query" not in name}
    save_file(kept, model / "model.safetensors", metadata={"format": "pt"})
    task = ClassificationTask(labels=("a", "b"), max_length=32, stride=8)
    with pytest.raises(BaseModelError, match="lack 2 tensors"):
        build_model(resolve_base(str(model)), task, pooling="mean", seed=0)
