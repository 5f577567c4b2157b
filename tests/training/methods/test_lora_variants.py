"""LoRA's variants: what each adds to the plain method."""

from __future__ import annotations

import math

import pytest
import torch

from burnish.recipe.recipe import parse_recipe
from burnish.tasks import ClassificationTask
from burnish.torch_models.base import resolve_base
from burnish.torch_models.build import build_model
from burnish.training.loop.optimizer import make_optimizer
from burnish.training.methods import find_method

LORA = find_method("lora")


def prepare(bert, **lora):
    recipe = parse_recipe(
        {
            "task": "classification",
            "method": "lora",
            "data": {"train": "rows.csv"},
            "train": {"learning_rate": 1e-3, "head_learning_rate": 1e-4, "layer_decay": 1},
            "lora": {"r": 4, **lora},
            "output": "run",
        }
    )
    base = resolve_base(str(bert))
    task = ClassificationTask(labels=("a", "b"), max_length=32, stride=8)
    built = build_model(base, task, pooling="mean", seed=0)
    return LORA.prepare(built, base, recipe), recipe


def scale(model) -> float:
    (layer, *_) = (m for m in model.modules() if hasattr(m, "lora_A"))
    return layer.scaling["default"]


def test_rslora_divides_by_the_root_of_the_rank(bert) -> None:
    assert scale(prepare(bert, alpha=8)[0]) == 2
    assert scale(prepare(bert, alpha=8, variant="rslora")[0]) == 4


def test_dora_learns_a_length_for_every_layer(bert) -> None:
    model, _ = prepare(bert, variant="dora")
    names = [n for n, p in model.named_parameters() if p.requires_grad]
    layers = [n for n in names if "lora_A" in n]
    assert len([n for n in names if "lora_magnitude_vector" in n]) == len(layers) == 12


@pytest.mark.parametrize("ratio", [1, 16])
def test_lora_plus_gives_the_second_matrices_larger_steps(bert, ratio) -> None:
    model, recipe = prepare(bert, plus_ratio=ratio)
    factors = LORA.rate_factors(model, recipe)
    optimizer = make_optimizer(model, recipe.train, frozenset(), factors=factors)
    names = {id(p): name for name, p in model.named_parameters()}
    rates = {names[id(p)]: group["lr"] for group in optimizer.param_groups for p in group["params"]}
    seconds = {rate for name, rate in rates.items() if ".lora_B." in name}
    assert seconds == {1e-3 * ratio}
    assert {rate for name, rate in rates.items() if ".lora_B." not in name} == {1e-3}


def test_adalora_ends_with_the_ranks_that_were_asked_for(bert) -> None:
    model, recipe = prepare(bert, variant="adalora")
    steps = 10
    hook = LORA.step_hook(model, recipe, steps)
    assert hook is not None
    scales = [p for n, p in model.named_parameters() if ".lora_E." in n]
    assert {len(p) for p in scales} == {math.ceil(4 * 1.5)}
    generator = torch.Generator().manual_seed(1)
    for step in range(1, steps + 1):
        with torch.no_grad():
            for _, p in model.named_parameters():
                if p.requires_grad:
                    p.grad = torch.randn(p.shape, generator=generator)
                    p.sub_(p.grad, alpha=0.1)
        hook.after_step(step)
    kept = sum(int((p != 0).sum()) for p in scales)
    assert kept == 4 * len(scales)


def test_adaloras_penalty_draws_its_factors_to_orthogonality(bert) -> None:
    model, recipe = prepare(bert, variant="adalora")
    hook = LORA.step_hook(model, recipe, 10)
    assert hook is not None
    hook.after_gradient()
    graded = {n for n, p in model.named_parameters() if p.grad is not None and p.grad.any()}
    factors = {n for n, _ in model.named_parameters() if ".lora_A." in n or ".lora_B." in n}
    assert graded == factors
    first = next(p for n, p in model.named_parameters() if ".lora_A." in n)
    gap = torch.linalg.matrix_norm(first @ first.T - torch.eye(len(first)))
    with torch.no_grad():
        first.sub_(first.grad, alpha=0.1)
    assert torch.linalg.matrix_norm(first @ first.T - torch.eye(len(first))) < gap


def test_adalora_keeps_to_the_device_of_its_parameters(bert) -> None:
    model, recipe = prepare(bert, variant="adalora")
    hook = LORA.step_hook(model, recipe, 10)
    assert hook is not None
    hook.after_gradient()
    for p in model.parameters():
        p.grad = torch.zeros_like(p)
    hook.after_step(1)
    saved, values = hook.state()
    assert {tensor.device.type for tensor in saved.values()} == {"cpu"}
    model.to("meta")  # stands for a GPU: what mixes it with the CPU is refused
    hook.after_gradient()
    hook.load_state(saved, values)
    assert {tensor.device.type for tensor in hook.state()[0].values()} == {"meta"}


def test_the_plain_method_has_no_hook(bert) -> None:
    model, recipe = prepare(bert)
    assert LORA.step_hook(model, recipe, 10) is None
    assert LORA.rate_factors(model, recipe) == {}
