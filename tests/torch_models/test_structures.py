"""Structures compute what the package ``adapters`` computed, in every family, and export."""

from __future__ import annotations

import copy
import inspect
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
import torch
from safetensors.torch import load_file
from torch import nn
from torch.nn.functional import pad
from transformers import AutoConfig, AutoModel

from burnish.torch_models.structures.attention import put_prefix
from burnish.torch_models.structures.bottleneck import put_bottlenecks
from burnish.torch_models.structures.places import PLACES, PREFIX_FAMILIES, layers
from burnish.torch_models.structures.structure import Bottleneck, Prefix, Structure
from tests.torch_models.oracle.cases import (
    ATTENTION_MASK,
    FAMILIES,
    INPUT_IDS,
    answer,
    encoder,
    fill,
)

ANSWERS = load_file(Path(__file__).parent / "oracle" / "answers.safetensors")
STRUCTURES: dict[str, Structure] = {
    "houlsby": Bottleneck("houlsby", reduction=8),
    "pfeiffer": Bottleneck("pfeiffer", reduction=8),
    "flat": Prefix(3, bottleneck=None),
    "network": Prefix(3, bottleneck=6),
}
RECORDED = [tuple(name.split()) for name in ANSWERS if not name.endswith(" plain")]
ONE_KERNEL = ("deberta-v2", "mpnet")
"""Families that transformers has without sdpa."""


def structured(family: str, structure: str, model: Any) -> Any:
    """The encoder with the structure in it and weights by name."""
    found = STRUCTURES[structure]
    if isinstance(found, Bottleneck):
        put_bottlenecks(model, found, PLACES[family])
    else:
        put_prefix(model, found, PLACES[family], family=family)
    model.to(next(model.parameters()).dtype)
    fill(model)
    return model.eval()


def cases() -> list[Any]:
    kernels = {f: ["eager"] if f in ONE_KERNEL else ["sdpa", "eager"] for f in FAMILIES}
    kernels["modernbert"] = ["sdpa"]  # eager: transformers' own masks add up to NaN in double
    return [(f, s, kernel) for f, s in RECORDED for kernel in kernels[f]]


@pytest.mark.parametrize(("family", "structure", "kernel"), cases())
def test_the_answer_is_that_of_the_package_adapters(family, structure, kernel) -> None:
    model = structured(family, structure, encoder(family, attention=kernel))
    expected, plain = ANSWERS[f"{family} {structure}"], ANSWERS[f"{family} plain"]
    assert (expected - plain).abs().max() > 0.5
    torch.testing.assert_close(answer(model).float(), expected, rtol=1e-6, atol=1e-6)


def test_every_family_and_structure_of_the_package_is_compared() -> None:
    without = {(f, s) for f in ("mpnet", "modernbert") for s in ("flat", "network")}
    assert {*RECORDED} == {(f, s) for f in FAMILIES for s in STRUCTURES} - without


@pytest.mark.parametrize("structure", STRUCTURES)
@pytest.mark.parametrize("family", ["albert", "bert", "mpnet"])
def test_a_copy_computes_with_its_own_parameters(family, structure) -> None:
    model = structured(family, structure, encoder(family))
    before = answer(model)
    other = copy.deepcopy(model)
    for name, parameter in model.named_parameters():
        if ".adapters." in name or "prefix" in name:
            nn.init.zeros_(parameter)
    torch.testing.assert_close(answer(other), before, rtol=0, atol=0)
    assert (answer(model) - before).abs().max() > 0.1


NEW: dict[str, dict[str, Any]] = {
    "eurobert": {"num_key_value_heads": 2, "vocab_size": 40, "pad_token_id": 1},
    "camembert": {"vocab_size": 40},
}
"""Families that the package did not know."""
SIZES = {
    "hidden_size": 32,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "intermediate_size": 48,
    "max_position_embeddings": 40,
}


def any_encoder(family: str, kernel: str = "eager") -> Any:
    """An encoder in single precision, also of a family that the package did not know."""
    if family not in NEW:
        return encoder(family, attention=kernel).float()
    config = AutoConfig.for_model(family, **SIZES, bos_token_id=0, eos_token_id=2, **NEW[family])
    return AutoModel.from_config(config, attn_implementation=kernel).eval()


@pytest.mark.parametrize("training", [False, True], ids=["eval", "train"])
@pytest.mark.parametrize("family", ["bert", "distilbert", "eurobert", "modernbert", "mpnet"])
def test_a_prefix_is_as_many_tokens_more_with_these_keys_and_values(family, training) -> None:
    """Each layer equals transformers' own, given more tokens whose keys and values are replaced."""
    kernel = "eager" if family == "mpnet" else "sdpa"
    original, model = any_encoder(family, kernel), any_encoder(family, kernel)
    for each in (original, model):
        _without_dropout(each)
    structured(family, "flat", model)
    fill(original)
    calls: list[tuple[Any, ...]] = []
    for index, layer in enumerate(layers(model, PLACES[family])):
        layer.get_submodule(PLACES[family].keys).register_forward_hook(
            lambda module, args, kwargs, output, i=index: calls.append(
                (i, module.layer_prefix.values.made[i], args, kwargs, output[0])
            ),
            with_kwargs=True,
        )
    model.train(training)(input_ids=INPUT_IDS, attention_mask=ATTENTION_MASK)
    attentions = [
        each.get_submodule(PLACES[family].keys) for each in layers(original, PLACES[family])
    ]
    assert len(calls) == len(attentions) == 3
    for index, made, args, kwargs, found in calls:
        with torch.no_grad():
            expected = _with_tokens(attentions[index], made, args, kwargs)
        real = ATTENTION_MASK.bool()
        torch.testing.assert_close(found[real], expected[real], rtol=1e-5, atol=1e-5)


def _without_dropout(model: nn.Module) -> None:
    module: Any
    for module in model.modules():
        if isinstance(module, nn.Dropout):
            module.p = 0.0
        if hasattr(module, "attention_dropout") and isinstance(module.attention_dropout, float):
            module.attention_dropout = 0.0


def _with_tokens(attention: Any, made: torch.Tensor, args: Any, kwargs: Any) -> torch.Tensor:
    length = made.shape[2]
    bound = inspect.signature(attention.forward).bind(*args, **kwargs).arguments
    bound |= bound.pop("kwargs", {})
    bound["hidden_states"] = pad(bound["hidden_states"], (0, 0, length, 0))
    if (mask := bound.get("attention_mask")) is not None:
        rows = length if mask.shape[2] > 1 else 0
        bound["attention_mask"] = pad(mask, (length, 0, rows, 0), value=mask.dtype == torch.bool)
    if bound.get("position_bias") is not None:
        bound["position_bias"] = pad(bound["position_bias"], (length, 0, length, 0))
    if bound.get("position_embeddings") is not None:
        cos, sin = bound["position_embeddings"]
        bound["position_embeddings"] = (
            pad(cos, (0, 0, length, 0), value=1.0),
            pad(sin, (0, 0, length, 0)),
        )
    states = made.transpose(1, 2).flatten(2)  # keys, values; position; hidden
    handles = []
    for name, part in attention.named_children():
        if name in ("k", "v", "key", "value", "k_lin", "v_lin", "k_proj", "v_proj"):
            kept = states[int(name.startswith("v"))]
            handles.append(part.register_forward_hook(_overwrite(kept, start=0)))
        elif name == "Wqkv":
            kept = torch.cat([*states], dim=-1)
            handles.append(part.register_forward_hook(_overwrite(kept, start=states.shape[-1])))
    found: torch.Tensor = attention(**bound)[0][:, length:]
    assert handles
    for handle in handles:
        handle.remove()
    return found


def _overwrite(kept: torch.Tensor, *, start: int) -> Any:
    def hook(module: nn.Module, args: Any, output: torch.Tensor) -> torch.Tensor:
        output = output.clone()
        output[:, : kept.shape[0], start:] = kept
        return output

    return hook


class Named(nn.Module):
    """An encoder whose forward names its inputs."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        found = self.model(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        assert isinstance(found, torch.Tensor)
        return found


@pytest.mark.filterwarnings("ignore")  # of tracing
@pytest.mark.parametrize(
    ("family", "structure"),
    [
        *((family, "flat") for family in sorted(PREFIX_FAMILIES)),
        *((family, kind) for family in ("albert", "bert") for kind in ("houlsby", "pfeiffer")),
    ],
)
def test_the_exported_graph_takes_any_batch_and_length(tmp_path, family, structure) -> None:
    kernel = "eager" if family in ONE_KERNEL else "sdpa"
    model = Named(structured(family, structure, any_encoder(family, kernel))).eval()
    names = ["input_ids", "attention_mask"]
    axes = {0: "batch", 1: "length"}
    torch.onnx.export(
        model,
        (INPUT_IDS[:2, :7], ATTENTION_MASK[:2, :7]),
        str(tmp_path / "model.onnx"),
        input_names=names,
        output_names=["states"],
        dynamic_axes=dict.fromkeys([*names, "states"], axes),
        opset_version=18,
        dynamo=False,
    )
    session = onnxruntime.InferenceSession(tmp_path / "model.onnx")
    for ids, mask in (
        (INPUT_IDS, ATTENTION_MASK),
        (INPUT_IDS[:1, :4], torch.ones(1, 4).long()),
        (INPUT_IDS.repeat(2, 2), ATTENTION_MASK.repeat(2, 1).repeat_interleave(2, dim=1)),
    ):
        with torch.no_grad():
            expected = model(ids, mask)[mask.bool()]
        feed = dict(zip(names, (ids.numpy(), mask.numpy()), strict=True))
        (found,) = session.run(None, feed)
        np.testing.assert_allclose(found[mask.bool().numpy()], expected, rtol=1e-4, atol=1e-4)
