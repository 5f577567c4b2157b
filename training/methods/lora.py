"""LoRA (Hu et al. 2021) and its kin by PEFT: low-rank updates of every linear layer of the encoder.

The variants: rsLoRA (Kalajdzievski 2023) scales by the rank's root; DoRA (Liu et al. 2024) learns
a column's length apart from its direction; AdaLoRA (Zhang et al. 2023) moves ranks to where they
matter. LoRA+ (Hayou et al. 2024) gives the second factor, which starts at zero, larger steps.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import torch
from peft import AdaLoraConfig, LoraConfig, PeftConfig
from torch import nn

from burnish.recipe.recipe import Recipe
from burnish.tasks.regimes import Regime
from burnish.torch_models.base import BaseModel
from burnish.torch_models.build import BuiltModel
from burnish.torch_models.families import LORA_TARGETS, lora_targets

from ..checkpointing.state import StepHook
from .method import Cell, Defaults, Method
from .peft_wrapping import modules_to_save, wrap

__all__ = ["LORA"]

_BEGIN_RANKS = 1.5
"""AdaLoRA begins with half as many ranks again as it ends with (Zhang et al. 2023)."""
_BEFORE, _AFTER = 0.1, 0.3
"""Shares of AdaLoRA's steps before ranks are dropped, and after the last one is."""
_RANK_WEIGHTS = ("ipt", "exp_avg_ipt", "exp_avg_unc")
"""AdaLoRA's, in PEFT's names, by parameter."""
_PLACEHOLDER_STEPS = 1


def _prepare(built: BuiltModel, base: BaseModel, recipe: Recipe) -> nn.Module:
    """The model with adapters in it; they, and all that the base lacks, are trained and saved.

    Raises:
        BaseModelError: the family's layers are not known.
    """
    return wrap(built, base, _config(built, base, recipe))


def _config(built: BuiltModel, base: BaseModel, recipe: Recipe) -> PeftConfig:
    lora = recipe.lora
    shared: dict[str, Any] = {
        "lora_alpha": lora.alpha,
        "lora_dropout": lora.dropout,
        "target_modules": lora_targets(base.family),
        "modules_to_save": modules_to_save(built),
    }
    if lora.variant == "adalora":
        ranks = math.ceil(lora.r * _BEGIN_RANKS)
        steps = _PLACEHOLDER_STEPS  # the hook knows how many there will be
        return AdaLoraConfig(target_r=lora.r, init_r=ranks, total_step=steps, **shared)
    return LoraConfig(
        r=lora.r,
        use_rslora=lora.variant == "rslora",
        use_dora=lora.variant == "dora",
        **shared,
    )


def _refusal(cell: Cell) -> str | None:
    if cell.family not in LORA_TARGETS:
        return f"where a {cell.family!r} model keeps its layers is not known"
    settings = cell.recipe.train
    if cell.recipe.lora.variant == "adalora" and (
        settings.freeze or settings.gradual_unfreezing is True
    ):
        key = f"freeze={settings.freeze}" if settings.freeze else "gradual_unfreezing=true"
        return (
            "adalora weighs the ranks of every layer by their gradients, and with "
            f"train.{key} some layers have none; use another variant of lora"
        )
    return None


def _rate_factors(model: nn.Module, recipe: Recipe) -> Mapping[str, float]:
    """LoRA+: the factor of every B matrix."""
    ratio = recipe.lora.plus_ratio
    if ratio == 1:
        return {}
    return {name: ratio for name, _ in model.named_parameters() if ".lora_B." in name}


def _step_hook(model: nn.Module, recipe: Recipe, steps: int) -> StepHook | None:
    return _RankBudget(model, steps=steps) if recipe.lora.variant == "adalora" else None


class _RankBudget:
    """AdaLoRA between the steps: its penalty, and the ranks that it drops."""

    def __init__(self, model: Any, *, steps: int) -> None:
        self._model = model
        config = model.peft_config["default"]
        config.total_step = steps
        config.tinit, config.tfinal = int(steps * _BEFORE), int(steps * _AFTER)
        config.deltaT = max(1, steps // 100)
        self._weight = config.orth_reg_weight

    def after_gradient(self) -> None:
        """Add the gradient of the penalty that keeps the factors orthogonal.

        PEFT adds it to a loss that the model computes itself; burnish's is computed outside.
        """
        factors = [p if "lora_A" in name else p.T for name, p in self._factors()]
        penalties = [
            torch.linalg.matrix_norm(f @ f.T - torch.eye(len(f), device=f.device)) for f in factors
        ]
        (self._weight * torch.stack(penalties).mean()).backward()

    def after_step(self, step: int) -> None:
        """Weigh the ranks by their gradients, and drop the least."""
        self._model.base_model.update_and_allocate(step)

    def state(self) -> tuple[dict[str, torch.Tensor], dict[str, Any]]:
        """The weights of the ranks, and which were dropped."""
        allocator = self._model.base_model.rankallocator
        tensors = {
            f"{kind}.{name}": tensor
            for kind in _RANK_WEIGHTS
            for name, tensor in getattr(allocator, kind).items()
        }
        return tensors, {"rank_pattern": self._model.peft_config["default"].rank_pattern}

    def load_state(self, tensors: Mapping[str, torch.Tensor], values: dict[str, Any]) -> None:
        """Go on from there."""
        allocator = self._model.base_model.rankallocator
        devices = {n: p.device for n, p in self._model.base_model.model.named_parameters()}
        for kind in _RANK_WEIGHTS:
            mine = {n.partition(".")[2]: t for n, t in tensors.items() if n.startswith(f"{kind}.")}
            setattr(allocator, kind, {n: t.to(devices[n]) for n, t in mine.items()})
        self._model.peft_config["default"].rank_pattern = values["rank_pattern"]

    def _factors(self) -> list[tuple[str, nn.Parameter]]:
        return [
            (name, parameter)
            for name, parameter in self._model.named_parameters()
            if ".lora_A." in name or ".lora_B." in name
        ]


LORA = Method(
    name="lora",
    summary="low-rank updates, merged afterwards",
    prepare=_prepare,
    defaults=Defaults(
        learning_rate={
            Regime.ONE_LABEL: 8e-4,
            Regime.SEVERAL_LABELS: 1e-3,
            Regime.TAGS: 2e-3,
            Regime.SPAN: 2e-3,
            Regime.NUMBER: 8e-4,
            Regime.MARKS: 1e-3,
            Regime.WRITTEN: 1e-3,
        },
        head_factor={Regime.ONE_LABEL: 0.125},
        epochs={Regime.ONE_LABEL: 6},
    ),
    refusal=_refusal,
    rate_factors=_rate_factors,
    step_hook=_step_hook,
)
