"""Every family: LoRA finds its layers, and what was trained comes back from the disk."""

from __future__ import annotations

import re

import pytest
from safetensors import safe_open
from torch import nn

from burnish.errors import BaseModelError
from burnish.tasks import ClassificationTask
from burnish.torch_models.base import resolve_base
from burnish.torch_models.build import build_model
from burnish.torch_models.families import LORA_TARGETS, lora_targets
from burnish.training import train
from tests.tiny import FAMILIES, tiny_base


@pytest.mark.parametrize("family", FAMILIES)
def test_lora_adapts_every_linear_layer_of_the_encoder_and_nothing_else(tmp_path, family) -> None:
    base = resolve_base(str(tiny_base(tmp_path, family)))
    task = ClassificationTask(labels=("a", "b", "c"), max_length=64)
    built = build_model(base, task, pooling="native", seed=0)

    pattern = re.compile(lora_targets(family))
    linear = {n for n, m in built.module.named_modules() if isinstance(m, nn.Linear)}
    found = {name for name in linear if pattern.fullmatch(name)}
    per_layer = 4 if family == "modernbert" else 6
    layers = 1 if family == "albert" else 2  # its layers share their weights
    assert len(found) == layers * per_layer
    assert not {n for n in linear - found if re.search(r"\.\d+\.", n)}
    assert all(pattern.fullmatch(n) is None for n, _ in built.module.named_modules() if "pool" in n)


@pytest.mark.parametrize("method", ["full", "lora"])
@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("kind", ["one", "extraction", "qa"])
def test_a_checkpoint_without_pooler_and_head_is_saved_whole(
    make_recipe, tmp_path, family, method, kind
) -> None:
    base = tiny_base(tmp_path / "base", family, checkpoint="mlm")

    # train() itself loads what it saved and compares the logits.
    run = train(make_recipe(kind, base_model=str(base), method=method, pooling="native"))

    assert run.record.base_model.family == family


def test_the_random_pooler_of_a_masked_language_model_is_in_the_adapter(
    make_recipe, tmp_path
) -> None:
    base = tiny_base(tmp_path / "base", checkpoint="mlm")
    run = train(make_recipe("one", base_model=str(base), method="lora", pooling="native"))

    with safe_open(run.path / "model" / "adapter_model.safetensors", "np") as file:
        names = set(file.keys())
    assert any("pooler.dense.weight" in name for name in names)
    assert any("classifier.weight" in name for name in names)


def test_an_unknown_family_is_refused_with_the_list() -> None:
    with pytest.raises(BaseModelError) as caught:
        lora_targets("gpt2")
    assert all(family in caught.value.hint for family in LORA_TARGETS)
