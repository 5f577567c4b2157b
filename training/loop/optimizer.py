"""The optimizer: AdamW over groups of parameters, each with its learning rate, on one schedule.

Two parts of ULMFiT (Howard & Ruder 2018, "Universal Language Model Fine-tuning for Text
Classification") live here: learning rates that fall from layer to layer, and slanted triangles.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import nn
from torch.optim.lr_scheduler import LambdaLR
from transformers.trainer_pt_utils import get_parameter_names

from burnish.recipe.recipe import TrainSection
from burnish.torch_models.families import encoder_layers, layer_depths

__all__ = ["make_optimizer", "make_schedule", "schedule_factor"]

_WITHOUT_DECAY = (r"bias", r"layernorm", r"rmsnorm", r"(?:^|\.)norm(?:$|\.)", r"_norm(?:$|\.)")
"""Parameters without weight decay, as in Hugging Face's Trainer."""
_RATIO = 32.0
"""The paper's ratio of a slanted triangle's peak to its ends."""


def make_optimizer(
    model: nn.Module,
    settings: TrainSection,
    new_parameters: frozenset[str],
    *,
    factors: Mapping[str, float],
) -> torch.optim.AdamW:
    """AdamW (Loshchilov & Hutter 2019) over the parameters that require a gradient now.

    The first group belongs to the highest layer.

    Args:
        model: its parameters are optimized.
        settings: resolved: nothing is ``auto``.
        new_parameters: those that take the head's learning rate.
        factors: factors of the learning rate, by parameter, where they are not 1.

    Raises:
        BaseModelError: learning rates differ by layer, and the layers' order is not known.
    """
    names: Any = get_parameter_names  # not typed
    decaying = set(names(model, [nn.LayerNorm], list(_WITHOUT_DECAY)))
    below_top = _below_top(model, settings)
    groups: dict[tuple[bool, int, bool, float], list[nn.Parameter]] = {}
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            new, down = name in new_parameters, below_top.get(name, 0)
            key = (new, down, name not in decaying, factors.get(name, 1.0))
            groups.setdefault(key, []).append(parameter)
    rate, head_rate = float(settings.learning_rate), float(settings.head_learning_rate)
    described: list[dict[str, Any]] = [
        {
            "params": groups[new, down, plain, factor],
            "lr": factor * (head_rate if new else rate / float(settings.layer_decay) ** down),
            "weight_decay": 0.0 if plain else settings.weight_decay,
        }
        for new, down, plain, factor in sorted(groups)
    ]
    return torch.optim.AdamW(described, fused=True)


def make_schedule(
    optimizer: torch.optim.Optimizer, settings: TrainSection, *, steps: int
) -> LambdaLR:
    """The schedule of the learning rates over ``steps``."""
    return LambdaLR(optimizer, schedule_factor(settings, steps=steps))


def schedule_factor(settings: TrainSection, *, steps: int) -> Callable[[int], float]:
    """A function from a step, counted from 0, to its share of the peak.

    After a linear rise over the warm-up, ``linear`` and ``cosine`` fall to zero and ``constant``
    stays. ``slanted`` rises from, and falls to, a 32nd of the peak.
    """
    warm_up = math.ceil(steps * settings.warmup_ratio)
    falling = _FALLS[settings.schedule]

    def factor(step: int) -> float:
        if step < warm_up:
            risen = step / max(1, warm_up)
        else:
            risen = falling(min(1.0, (step - warm_up) / max(1, steps - warm_up)))
        return (1 + risen * (_RATIO - 1)) / _RATIO if settings.schedule == "slanted" else risen

    return factor


_FALLS: Mapping[str, Callable[[float], float]] = {
    "linear": lambda gone: 1 - gone,
    "slanted": lambda gone: 1 - gone,
    "cosine": lambda gone: (1 + math.cos(math.pi * gone)) / 2,
    "constant": lambda _: 1.0,
}
"""By schedule, the share of the peak after a share of the way down."""


def _below_top(model: nn.Module, settings: TrainSection) -> dict[str, int]:
    """How many layers below the highest each parameter lies; 0 for those above it."""
    if float(settings.layer_decay) == 1.0:
        return {}
    top = len(encoder_layers(model))
    return {name: max(0, top - depth) for name, depth in layer_depths(model).items()}
