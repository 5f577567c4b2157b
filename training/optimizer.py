"""The optimizer: AdamW over groups of parameters, each with its learning rate, on one schedule."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import nn
from torch.optim.lr_scheduler import LambdaLR
from transformers.trainer_pt_utils import get_parameter_names

from burnish.config import TrainSection

__all__ = ["make_optimizer", "make_schedule"]

_WITHOUT_DECAY = (r"bias", r"layernorm", r"rmsnorm", r"(?:^|\.)norm(?:$|\.)", r"_norm(?:$|\.)")
"""Names that Hugging Face's Trainer does not decay either."""


def make_optimizer(
    model: nn.Module,
    settings: TrainSection,
    new_parameters: frozenset[str],
    *,
    factors: Mapping[str, float],
) -> torch.optim.AdamW:
    """AdamW (Loshchilov & Hutter 2019) over what requires a gradient now.

    Args:
        model: its parameters.
        settings: resolved: nothing is ``auto``.
        new_parameters: those that take the head's learning rate.
        factors: of the learning rate, by parameter, where they are not 1.
    """
    names: Any = get_parameter_names  # not typed
    decaying = set(names(model, [nn.LayerNorm], list(_WITHOUT_DECAY)))
    groups: dict[tuple[bool, bool, float], list[nn.Parameter]] = {}
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            key = (name in new_parameters, name in decaying, factors.get(name, 1.0))
            groups.setdefault(key, []).append(parameter)
    rate, head_rate = float(settings.learning_rate), float(settings.head_learning_rate)
    described: list[dict[str, Any]] = [
        {
            "params": parameters,
            "lr": factor * (head_rate if new else rate),
            "weight_decay": settings.weight_decay if decay else 0.0,
        }
        for (new, decay, factor), parameters in groups.items()
    ]
    return torch.optim.AdamW(described, fused=True)


def make_schedule(
    optimizer: torch.optim.Optimizer, settings: TrainSection, *, steps: int
) -> LambdaLR:
    """A linear rise over the warm-up, then a linear fall to zero at the last of ``steps``."""
    return LambdaLR(optimizer, _linear(steps, warm_up=-int(-steps * settings.warmup_ratio // 1)))


def _linear(steps: int, *, warm_up: int) -> Callable[[int], float]:
    def factor(step: int) -> float:
        if step < warm_up:
            return step / max(1, warm_up)
        return max(0.0, (steps - step) / max(1, steps - warm_up))

    return factor
