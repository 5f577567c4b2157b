"""Bottleneck adapters and prefixes in a task's model: where they start, and how they are saved."""

from __future__ import annotations

import json

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import nn

from burnish.errors import BaseModelError, RunError
from burnish.tasks import ClassificationTask
from burnish.torch_models.base import resolve_base
from burnish.torch_models.build import build_model
from burnish.torch_models.checkpoint import load_checkpoint, save_checkpoint
from burnish.torch_models.structures import (
    Bottleneck,
    Prefix,
    StructuredModel,
    attach,
)
from tests.tiny import FAMILIES, tiny_base

TASK = ClassificationTask(labels=("a", "b", "c"), max_length=32, stride=8)
PREFIX = Prefix(length=5, bottleneck=8)
HIDDEN, LAYERS = 32, 2


def build(base, pooling="mean"):
    return build_model(base, TASK, pooling=pooling, seed=0)


def ask(model: nn.Module, lengths=(20, 10, 15)) -> torch.Tensor:
    ids = torch.arange(3 * max(lengths)).reshape(3, -1) % 20 + 10
    mask = torch.stack([(torch.arange(max(lengths)) < n).long() for n in lengths])
    with torch.no_grad():
        logits: torch.Tensor = model.eval()(input_ids=ids, attention_mask=mask).logits
    return logits


def shaken(model: StructuredModel) -> StructuredModel:
    """Its own parameters drawn so large that they change every answer."""
    torch.manual_seed(3)
    for name, parameter in model.named_parameters():
        if name in model.own:
            nn.init.normal_(parameter, std=0.5)
    return model


@pytest.mark.parametrize("kind", ["houlsby", "pfeiffer"])
@pytest.mark.parametrize("family", FAMILIES)
def test_a_bottleneck_starts_as_the_identity_and_then_is_not(tmp_path, family, kind) -> None:
    base = resolve_base(str(tiny_base(tmp_path, family)))
    plain = ask(build(base).module)
    model = attach(build(base), Bottleneck(kind, reduction=4), family=family)
    torch.testing.assert_close(ask(model), plain, rtol=0, atol=1e-6)
    ups = [p for name, p in model.named_parameters() if ".adapter_up." in name]
    layers = 1 if family == "albert" else LAYERS
    assert len(ups) == 2 * layers * (2 if kind == "houlsby" else 1)
    for parameter in ups:
        nn.init.normal_(parameter)
    assert (ask(model) - plain).abs().max() > 1e-3


@pytest.mark.parametrize(
    "structure", [Bottleneck("houlsby", 4), PREFIX], ids=["bottleneck", "prefix"]
)
@pytest.mark.parametrize("family", FAMILIES)
def test_padding_changes_no_answer(tmp_path, family, structure) -> None:
    base = resolve_base(str(tiny_base(tmp_path, family)))
    model = shaken(attach(build(base), structure, family=family))
    ids = torch.arange(60).reshape(3, -1) % 20 + 10
    with torch.no_grad():
        alone = model.eval()(input_ids=ids[1:2, :10], attention_mask=torch.ones(1, 10).long())
    torch.testing.assert_close(ask(model)[1], alone.logits[0], rtol=0, atol=1e-5)


@pytest.mark.parametrize(
    "structure", [Bottleneck("pfeiffer", 4), PREFIX], ids=["bottleneck", "prefix"]
)
def test_a_structure_is_not_attached_where_its_place_is_not_known(tmp_path, structure) -> None:
    built = build(resolve_base(str(tiny_base(tmp_path))))
    with pytest.raises(BaseModelError, match="in a 'gpt2' model is not known"):
        attach(built, structure, family="gpt2")


@pytest.fixture
def saved(bert, tmp_path):
    """A prefix with its network, saved; the model and where it lies."""
    base = resolve_base(str(bert))
    model = shaken(attach(build(base, pooling="native"), PREFIX, family="bert"))
    save_checkpoint(model, tmp_path / "model", base=base)
    return model, tmp_path / "model", base


def test_the_network_of_a_prefix_is_folded_away(saved) -> None:
    model, directory, base = saved
    tensors = load_file(directory / "structure.safetensors")
    prefixes = {name: t for name, t in tensors.items() if "prefix" in name}
    assert sum(t.numel() for t in prefixes.values()) == PREFIX.length * LAYERS * 2 * HIDDEN
    assert json.loads((directory / "structure.json").read_text())["prefix"] == {
        "length": 5,
        "bottleneck": None,
    }
    loaded = load_checkpoint(directory, base=base, task=TASK, pooling="native")
    torch.testing.assert_close(ask(loaded), ask(model), rtol=0, atol=1e-6)
    assert not any("wte" in name for name, _ in loaded.named_parameters())


def test_saving_leaves_the_model_as_it_is(saved) -> None:
    model, _, _ = saved
    assert any("wte" in name for name, _ in model.named_parameters())
    assert model.structure == PREFIX


def test_what_the_base_lacks_is_saved_too(saved) -> None:
    _, directory, _ = saved
    names = set(load_file(directory / "structure.safetensors"))
    assert "module.bert.pooler.dense.weight" in names
    assert "module.classifier.weight" in names
    assert not any("embeddings" in name for name in names)


def test_other_weights_below_are_refused(saved, tmp_path) -> None:
    _, directory, _ = saved
    other = resolve_base(str(tiny_base(tmp_path / "other", checkpoint="mlm", seed=5)))
    with pytest.raises(RunError, match="trained on weights with SHA-256"):
        load_checkpoint(directory, base=other, task=TASK, pooling="native")


def test_a_tensor_too_few_is_refused(saved) -> None:
    _, directory, base = saved
    tensors = load_file(directory / "structure.safetensors")
    del tensors["module.classifier.bias"]
    save_file(tensors, directory / "structure.safetensors")
    with pytest.raises(RunError, match=r"does not fit the model: module\.classifier\.bias"):
        load_checkpoint(directory, base=base, task=TASK, pooling="native")


def test_a_damaged_structure_file_is_refused(saved) -> None:
    _, directory, base = saved
    (directory / "structure.json").write_text('{"base_sha256": 3}')
    with pytest.raises(RunError, match="base_sha256"):
        load_checkpoint(directory, base=base, task=TASK, pooling="native")
