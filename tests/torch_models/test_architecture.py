"""Configurations: absurd values, nameless outputs, and how positions are counted."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn

from burnish.errors import BaseModelError
from burnish.torch_models.architecture import _check_forward
from burnish.torch_models.base import resolve_base
from burnish.torch_models.build import build_model
from tests.tiny import tiny_base
from tests.torch_models.bases import TASK, edit


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
    edit(model / "config.json", **keys)
    with pytest.raises(BaseModelError):
        build_model(resolve_base(str(model)), TASK, pooling="native", seed=0)


@pytest.mark.parametrize("keys", [{"return_dict": False}, {"torchscript": True}], ids=str)
def test_a_config_that_asks_for_nameless_outputs_is_trained_on_all_the_same(model, keys) -> None:
    edit(model / "config.json", **keys)
    for pooling in ("native", "mean"):
        built = build_model(resolve_base(str(model)), TASK, pooling=pooling, seed=0)
        ids = torch.zeros((1, 4), dtype=torch.long)
        built.module(input_ids=ids, attention_mask=torch.ones_like(ids)).logits.sum()


@pytest.mark.parametrize(
    ("family", "positions"), [("bert", 130), ("roberta", 128), ("xlm-roberta", 128), ("mpnet", 128)]
)
def test_positions_are_counted_as_the_architecture_counts_them(tmp_path, family, positions) -> None:
    base = tiny_base(tmp_path / "base", family)
    assert resolve_base(str(base)).positions == positions


def test_mpnet_counts_positions_from_1_whatever_its_config_says(tmp_path) -> None:
    base = tiny_base(tmp_path / "base", "mpnet")
    edit(base / "config.json", pad_token_id=0)
    assert resolve_base(str(base)).positions == 128
    edit(base / "config.json", pad_token_id=5)
    assert resolve_base(str(base)).positions == 128


def test_a_shape_that_does_not_fit_is_refused_and_content_that_is_not_there_is_not() -> None:
    class Reads(nn.Module):
        def forward(self, input_ids: torch.Tensor, attention_mask: Any = None) -> None:
            input_ids.sum().item()

    class Misfit(nn.Module):
        def forward(self, input_ids: torch.Tensor, attention_mask: Any = None) -> None:
            nn.functional.linear(input_ids.float(), torch.zeros(4, 4, device="meta"))

    _check_forward(Reads(), name="base")
    with pytest.raises(BaseModelError, match="describes no model"):
        _check_forward(Misfit(), name="base")
