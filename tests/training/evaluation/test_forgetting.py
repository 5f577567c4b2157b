"""Forgetting: measured against the base model, by its own head where it has one."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from burnish.tasks import ClassificationTask
from burnish.torch_models.base import resolve_base
from burnish.torch_models.build import build_model
from burnish.training import train
from burnish.training.evaluation.forgetting import linear_cka, remember
from burnish.training.evaluation.neutral import NEUTRAL_TEXTS
from burnish.training.methods import find_method
from burnish.training.results import evidence
from tests.tiny import FAMILIES, tiny_base

TASK = ClassificationTask(labels=("a", "b", "c"), max_length=64)


def test_the_neutral_sentences_are_many_and_differ() -> None:
    assert len(set(NEUTRAL_TEXTS)) == len(NEUTRAL_TEXTS) >= 60


@pytest.mark.parametrize("pooling", ["native", "mean"])
@pytest.mark.parametrize("family", FAMILIES)
def test_an_untouched_model_has_forgotten_nothing_and_a_ruined_one_much(
    tmp_path, family, pooling
) -> None:
    base = resolve_base(str(tiny_base(tmp_path, family, checkpoint="mlm")))
    model = build_model(base, TASK, pooling=pooling, seed=0).module
    memory = remember(model, base)

    same = memory.compare(model)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter))
    ruined = memory.compare(model)

    assert same.cka == same.cosine == 1
    assert same.masked_loss_after == same.masked_loss_before is not None
    assert max(ruined.cka, ruined.cosine) < 0.8
    assert ruined.masked_loss_after is not None
    assert abs(ruined.masked_loss_after - same.masked_loss_before) > 1e-4


def test_a_base_without_such_a_head_is_compared_by_vectors_alone(tmp_path) -> None:
    base = resolve_base(str(tiny_base(tmp_path)))
    model = build_model(base, TASK, pooling="mean", seed=0).module

    memory = remember(model, base)

    found = memory.compare(model)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter))

    assert found.note is None
    assert "lost much" in (memory.compare(model).note or "")
    assert found.masked_loss_before is found.masked_loss_after is None
    assert found.cka == 1
    assert "masked" not in found.summary


def test_the_masked_loss_is_that_of_the_model_as_published(tmp_path) -> None:
    from transformers import AutoModelForMaskedLM

    base = resolve_base(str(tiny_base(tmp_path, checkpoint="mlm")))
    memory = remember(build_model(base, TASK, pooling="mean", seed=0).module, base)
    tokens = memory.tokens
    assert tokens.mask_id is not None
    ids = tokens.inputs["input_ids"]
    labels = ids.masked_fill(~tokens.masked, -100)
    inputs = {**tokens.inputs, "input_ids": ids.masked_fill(tokens.masked, tokens.mask_id)}
    with torch.inference_mode():
        loss = AutoModelForMaskedLM.from_pretrained(tmp_path).eval()(**inputs, labels=labels).loss

    assert memory.masked_loss == pytest.approx(float(loss), abs=1e-5)


def test_alignment_does_not_see_turning_and_sees_noise() -> None:
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(60, 200))
    turned = np.linalg.qr(rng.normal(size=(200, 200)))[0]

    assert linear_cka(vectors, 3 * vectors @ turned) == pytest.approx(1)
    assert abs(linear_cka(vectors, rng.normal(size=(60, 200)))) < 0.1


@pytest.mark.parametrize("method", ["lora", "adapters", "prefix", "ia3", "head"])
def test_what_a_method_adds_counts_as_part_of_the_encoder(make_recipe, bert, method) -> None:
    base = resolve_base(str(bert))
    built = build_model(base, TASK, pooling="mean", seed=0)
    memory = remember(built.module, base)
    model = find_method(method).prepare(built, base, make_recipe("one", method=method))
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.requires_grad:
                parameter.add_(torch.randn_like(parameter))

    found = memory.compare(model)
    untouched = method == "head"
    assert (found.cka == 1) == untouched
    assert (found.masked_loss_before == found.masked_loss_after) == untouched


def test_metrics_and_card_have_it(make_recipe) -> None:
    settings = {"learning_rate": 0.02, "epochs": 4}
    run = train(make_recipe("extraction", method="lora", train=settings))

    found = run.metrics["forgetting"]
    assert (run.record.training.best_epoch or 0) > 0
    assert found["cka"] < 1
    assert f"CKA {found['cka']:.3f}" in (run.path / "README.md").read_text()


def test_it_is_measured_once_however_many_seeds_are_trained(make_recipe, monkeypatch) -> None:
    asked: list[str] = []

    def remembered(model, base):
        asked.append(base.name)
        return remember(model, base)

    monkeypatch.setattr(evidence, "remember", remembered)
    run = train(make_recipe("one", train={"seeds": 2, "epochs": 1}))

    assert len(run.metrics["seeds"]["runs"]) == 2
    assert len(asked) == 1
