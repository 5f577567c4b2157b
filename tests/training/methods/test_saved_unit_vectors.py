"""Pooled vectors of the length 1: each form of a saved model says whether it has them."""

from __future__ import annotations

import pytest
import torch
from peft import LoraConfig

from burnish.tasks import ClassificationTask
from burnish.torch_models.base import resolve_base
from burnish.torch_models.build import build_model
from burnish.torch_models.checkpoint import load_checkpoint, save_checkpoint
from burnish.torch_models.structures import Bottleneck, Prefix, attach
from burnish.training.methods.peft_wrapping import modules_to_save, wrap

TASK = ClassificationTask(labels=("a", "b", "c"), max_length=32, stride=8)
FORMS = ("full", "lora", "bottleneck", "prefix")


def _model(base, form, *, normalized):
    built = build_model(base, TASK, pooling="mean", seed=0, normalized=normalized)
    assert built.normalized is normalized
    if form == "lora":
        options = LoraConfig(target_modules=["query"], modules_to_save=modules_to_save(built))
        return wrap(built, base, options)
    if form == "full":
        return built.module
    structure = Bottleneck("houlsby", 4) if form == "bottleneck" else Prefix(3, bottleneck=None)
    return attach(built, structure, family="bert")


def _logits(model):
    ids = torch.arange(30).reshape(3, -1) % 20 + 10
    with torch.no_grad():
        return model.eval()(input_ids=ids, attention_mask=torch.ones_like(ids)).logits


@pytest.mark.parametrize("normalized", [True, False])
@pytest.mark.parametrize("form", FORMS)
def test_a_saved_model_answers_as_it_did(bert, tmp_path, form, normalized) -> None:
    base = resolve_base(str(bert))
    model = _model(base, form, normalized=normalized)
    save_checkpoint(model, tmp_path / "model", base=base)
    loaded = load_checkpoint(tmp_path / "model", base=base, task=TASK, pooling="mean")
    assert loaded.normalized is normalized
    torch.testing.assert_close(_logits(loaded), _logits(model), rtol=0, atol=1e-6)


@pytest.mark.parametrize("form", FORMS)
def test_both_lengths_answer_differently(bert, form) -> None:
    base = resolve_base(str(bert))
    unit, plain = (_logits(_model(base, form, normalized=each)) for each in (True, False))
    assert (unit - plain).abs().max() > 1e-3


@pytest.mark.parametrize("form", FORMS[1:])
def test_an_adapter_of_plain_vectors_has_no_file_of_a_head(bert, tmp_path, form) -> None:
    """So are those that were saved before any had vectors of the length 1."""
    base = resolve_base(str(bert))
    save_checkpoint(_model(base, form, normalized=False), tmp_path / "model", base=base)
    assert not (tmp_path / "model" / "head.safetensors").exists()
