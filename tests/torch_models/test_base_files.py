"""Files of a base model that are missing, torn, of another kind or of another model are named."""

from __future__ import annotations

import json
import os
import pickle
import shutil
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoModel, AutoTokenizer

from burnish.errors import BaseModelError
from burnish.tasks import ClassificationTask
from burnish.torch_models.base import resolve_base
from burnish.torch_models.build import build_model
from tests.tiny import tiny_base

TASK = ClassificationTask(labels=("a", "b"), max_length=32, stride=8)
LFS = b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 90868376\n"
INDEX = "model.safetensors.index.json"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_base(tmp_path_factory.mktemp("whole") / "base")


@pytest.fixture
def model(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "base"))


def _edit(path: Path, **keys: object) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text()), **keys}))


def _refusal(model: Path) -> BaseModelError:
    with pytest.raises(BaseModelError) as caught:
        resolve_base(str(model))
    assert caught.value.hint
    return caught.value


def _shard(model: Path, shard: str, names: dict[str, str] | None = None) -> None:
    """Turn the weights into one shard of that name, and an index."""
    tensors = load_file(model / "model.safetensors")
    (model / "model.safetensors").rename(model / Path(shard).name)
    index = {"metadata": {"total_size": 1}, "weight_map": names or dict.fromkeys(tensors, shard)}
    (model / INDEX).write_text(json.dumps(index))


@pytest.mark.parametrize("file", ["config.json", "tokenizer.json", "model.safetensors"])
@pytest.mark.parametrize(
    ("content", "said"),
    [
        (LFS, "Git LFS pointer"),
        (b"../.git/annex/objects/xx/yy", "git-annex pointer"),
        (b"<!DOCTYPE html><title>404</title>", "web page"),
        (b"", "is empty"),
        (b"\x1f\x8b\x08\x00aaaa", "gzip"),
        (b"\xff\xfe{\x00}\x00", "UTF-16"),
        (b"\x80\x04\x95aaaaaaaaa", "pickle"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_stub_is_called_what_it_is(model, file, content, said) -> None:
    (model / file).write_bytes(content)
    assert said in _refusal(model).message
    assert file in _refusal(model).message


@pytest.mark.parametrize("file", ["config.json", "tokenizer.json", "tokenizer_config.json"])
def test_a_byte_order_mark_is_named(model, file) -> None:
    (model / file).write_bytes(b"\xef\xbb\xbf" + (model / file).read_bytes())
    assert "byte order mark" in _refusal(model).message


@pytest.mark.parametrize("file", ["config.json", "tokenizer.json", "model.safetensors"])
def test_a_pipe_or_a_directory_is_no_file_and_nobody_waits_for_it(model, file) -> None:
    for make in (os.mkfifo, os.mkdir):
        (model / file).unlink(missing_ok=True)
        make(model / file)
        assert "not a plain file" in _refusal(model).message
        (model / file).unlink() if (model / file).is_fifo() else (model / file).rmdir()


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
    _refusal(model)


@pytest.mark.parametrize("dtype", [torch.int8, torch.uint8, torch.float8_e4m3fn])
def test_quantized_weights_are_refused_by_their_type(model, dtype) -> None:
    tensors = load_file(model / "model.safetensors")
    name = next(name for name in tensors if name.endswith("query.weight"))
    tensors[name] = torch.zeros(32, 32).to(dtype)
    save_file(tensors, model / "model.safetensors", metadata={"format": "pt"})
    assert "quantized" in _refusal(model).message


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_a_weight_that_is_no_number_is_refused_by_its_tensor(model, value, dtype) -> None:
    tensors = load_file(model / "model.safetensors")
    name = next(name for name in tensors if name.endswith("query.weight"))
    tensors[name] = tensors[name].to(dtype)
    tensors[name][3, 4] = value
    save_file(tensors, model / "model.safetensors", metadata={"format": "pt"})
    message = _refusal(model).message
    assert name in message
    assert "1 value that is NaN or infinite" in message


def test_weights_of_another_framework_are_refused(model) -> None:
    tensors = load_file(model / "model.safetensors")
    save_file(tensors, model / "model.safetensors", metadata={"format": "tf"})
    assert "'tf'" in _refusal(model).message


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
    assert INDEX in _refusal(model).message


@pytest.mark.parametrize("index", ["[]", "{}", '{"weight_map": {}}', '{"weight_map": {"a": "b"}}'])
def test_an_index_that_is_none_is_refused(model, index) -> None:
    (model / "model.safetensors").unlink()
    (model / INDEX).write_text(index)
    assert INDEX in _refusal(model).message


def test_a_pickle_that_is_called_safetensors_is_not_loaded(model, monkeypatch) -> None:
    monkeypatch.setattr(torch, "load", None)
    _shard(model, "model-1.safetensors")
    (model / "model-1.safetensors").write_bytes(pickle.dumps({"a": 1}))
    assert "pickle" in _refusal(model).message


def test_shards_of_safetensors_are_loaded(model) -> None:
    _shard(model, "model-00001-of-00001.safetensors")
    base = resolve_base(str(model))
    assert build_model(base, TASK, pooling="mean", seed=0).module is not None


@pytest.mark.parametrize(
    "file", ["config.json", "model.safetensors", "tokenizer.json", "vocab.txt", "1_Pooling"]
)
def test_a_link_out_of_the_directory_is_refused(model, file) -> None:
    outside = model.parent / "outside"
    if (model / file).exists():
        (model / file).rename(outside)
    else:
        outside.write_text("a secret")
    (model / file).symlink_to(outside)
    assert f"{file} is a link that leads out" in _refusal(model).message


def test_a_link_that_leads_nowhere_is_refused(model) -> None:
    (model / "vocab.txt").symlink_to("nowhere")
    (model / "vocab.json").symlink_to("vocab.json")
    assert "link" in _refusal(model).message


def test_links_inside_the_directory_and_those_of_the_hubs_cache_are_followed(model) -> None:
    (model / "config.json").rename(model / "other.json")
    (model / "config.json").symlink_to("other.json")
    assert resolve_base(str(model)).family == "bert"

    cache = model.parent / "models--a--b"
    (cache / "blobs").mkdir(parents=True)
    snapshot = cache / "snapshots" / "0123"
    snapshot.mkdir(parents=True)
    for path in [each for each in model.iterdir() if each.is_file()]:
        shutil.copy(path, cache / "blobs" / path.name)
        (snapshot / path.name).symlink_to(Path("../../blobs") / path.name)
    assert resolve_base(str(snapshot)).family == "bert"

    (snapshot / "vocab.txt").symlink_to("/etc/hostname")
    assert "vocab.txt" in _refusal(snapshot).message


@pytest.mark.parametrize(
    "keys",
    [
        {"hidden_size": 10**9},
        {"hidden_size": 64},
        {"hidden_size": -32},
        {"hidden_size": 0},
        {"hidden_size": "32"},
        {"hidden_size": [32]},
        {"hidden_size": 32.5},
        {"hidden_size": True},
        {"vocab_size": 10**10},
        {"vocab_size": 10**9},
        {"vocab_size": 10},
        {"vocab_size": -1},
        {"num_hidden_layers": 10**7},
        {"num_hidden_layers": -1},
        {"num_hidden_layers": 900},
        {"num_attention_heads": 0},
        {"num_attention_heads": 7},
        {"max_position_embeddings": 10**9},
        {"max_position_embeddings": 512},
        {"intermediate_size": 10**9},
        {"type_vocab_size": 10**9},
        {"pad_token_id": 10**6},
        {"hidden_act": "nothing"},
        {"hidden_dropout_prob": 5},
        {"layer_norm_eps": "1e-12"},
        {"layer_norm_eps": float("nan")},
        {"initializer_range": "x"},
        {"dtype": "float8_e4m3fn"},
        {"dtype": "load"},
        {"torch_dtype": "int8"},
        {"dtype": 7},
        {"id2label": {"a": "b"}},
        {"id2label": 7},
        {"model_type": None},
        {"model_type": 7},
        {"model_type": "nobodys"},
        {"quantization_config": {"quant_method": "gptq"}},
        {"layer_norm_eps": None},
        {"layer_norm_eps": -1.0},
        {"hidden_act": 7},
        {"hidden_act": {"a": 1}},
        {"pad_token_id": -1},
        {"num_labels": 10**9},
        {"num_labels": "x"},
        {"chunk_size_feed_forward": 10**6},
        {"sub_configs": {"a": "b"}},
        {"is_decoder": 1},
    ],
    ids=str,
)
def test_an_absurd_config_is_a_base_model_error_and_costs_nothing(model, keys) -> None:
    _edit(model / "config.json", **keys)
    with pytest.raises(BaseModelError):
        build_model(resolve_base(str(model)), TASK, pooling="native", seed=0)


@pytest.mark.parametrize("dtype", [torch.int64, torch.bool])
def test_weights_of_whole_numbers_are_refused_by_their_tensor(model, dtype) -> None:
    tensors = load_file(model / "model.safetensors")
    name = next(name for name in tensors if name.endswith("query.weight"))
    tensors[name] = tensors[name].to(dtype)
    save_file(tensors, model / "model.safetensors", metadata={"format": "pt"})
    assert name in _refusal(model).message


def test_weights_of_other_names_are_refused_at_vetting(model) -> None:
    tensors = {f"x.{key}": t for key, t in load_file(model / "model.safetensors").items()}
    save_file(tensors, model / "model.safetensors", metadata={"format": "pt"})
    assert "of different models" in _refusal(model).message


@pytest.mark.parametrize("keys", [{"return_dict": False}, {"torchscript": True}], ids=str)
def test_a_config_that_asks_for_nameless_outputs_is_trained_on_all_the_same(model, keys) -> None:
    _edit(model / "config.json", **keys)
    for pooling in ("native", "mean"):
        built = build_model(resolve_base(str(model)), TASK, pooling=pooling, seed=0)
        ids = torch.zeros((1, 4), dtype=torch.long)
        built.module(input_ids=ids, attention_mask=torch.ones_like(ids)).logits.sum()


def test_the_hint_for_added_tokens_leads_on(model, tmp_path) -> None:
    tokenizer = AutoTokenizer.from_pretrained(model)
    tokenizer.add_tokens(["[NAME]", "[DATE]"])
    tokenizer.save_pretrained(model)
    refused = _refusal(model)
    assert "2 tokens ('[NAME]', '[DATE]')" in refused.message
    assert "resize_token_embeddings" in refused.hint

    larger: Any = AutoModel.from_pretrained(model)
    larger.resize_token_embeddings(len(tokenizer))
    larger.save_pretrained(model)
    assert resolve_base(str(model)).family == "bert"


def test_a_tokenizer_of_another_model_is_refused(model) -> None:
    tokenizer = json.loads((model / "tokenizer.json").read_text())
    kept = dict(list(tokenizer["model"]["vocab"].items())[:40])
    (model / "tokenizer.json").write_text(
        json.dumps({**tokenizer, "model": {**tokenizer["model"], "vocab": kept}})
    )
    assert "belongs to another model" in _refusal(model).message


@pytest.mark.parametrize(
    "content",
    ["{}", "[]", '{"version": "1.0"}', '{"version": "1.0", "model": {"type": "Nobodys"}}'],
)
def test_a_tokenizer_that_is_none_is_refused(model, content) -> None:
    (model / "tokenizer.json").write_text(content)
    assert "tokenizer.json" in _refusal(model).message


@pytest.mark.parametrize("change", ["vocab", "post_processor", "unk"])
def test_a_tokenizer_without_its_vocabulary_is_refused(model, change) -> None:
    tokenizer = json.loads((model / "tokenizer.json").read_text())
    if change == "vocab":
        del tokenizer["model"]["vocab"]
    elif change == "unk":
        tokenizer["model"]["vocab"] = {"[PAD]": 0}
    else:
        special = tokenizer["post_processor"]["special_tokens"]["[CLS]"]
        special["ids"] = [10**6]
    (model / "tokenizer.json").write_text(json.dumps(tokenizer))
    assert "tokenizer.json" in _refusal(model).message


@pytest.mark.parametrize(
    ("family", "positions"), [("bert", 130), ("roberta", 128), ("xlm-roberta", 128), ("mpnet", 128)]
)
def test_positions_are_counted_as_the_architecture_counts_them(tmp_path, family, positions) -> None:
    base = tiny_base(tmp_path / "base", family)
    assert resolve_base(str(base)).positions == positions


def test_mpnet_counts_positions_from_1_whatever_its_config_says(tmp_path) -> None:
    base = tiny_base(tmp_path / "base", "mpnet")
    _edit(base / "config.json", pad_token_id=0)
    assert resolve_base(str(base)).positions == 128
    _edit(base / "config.json", pad_token_id=5)
    assert resolve_base(str(base)).positions == 128
