"""L2 regularization towards the weights that a tuning started from, rather than towards zero.

L2-SP: Li, Grandvalet & Davoine 2018, "Explicit Inductive Bias for Transfer Learning with
Convolutional Networks". Here it is separate from the gradient, like AdamW's weight decay, because
Adam would divide the pull by the gradient's size.
"""

from __future__ import annotations

import torch
from torch import nn

from burnish.recipe.recipe import TrainSection

__all__ = ["Anchor"]


class Anchor:
    """A copy of the trained weights of the base, and the pull towards it.

    Args:
        model: as pre-trained; the parameters that require a gradient are copied.
        settings: resolved.
        new_parameters: those that started at random, which are left out.
    """

    def __init__(
        self, model: nn.Module, settings: TrainSection, *, new_parameters: frozenset[str]
    ) -> None:
        off = settings.regularization == "none"
        self._strength = 0.0 if off else float(settings.regularization_strength)
        self._start = {
            name: parameter.detach().clone()
            for name, parameter in model.named_parameters()
            if self._strength and parameter.requires_grad and name not in new_parameters
        }

    @torch.no_grad()
    def pull(self, model: nn.Module, optimizer: torch.optim.Optimizer) -> None:
        """After a step, move each weight back by learning rate x strength of the way."""
        if not self._start:
            return
        rates = {id(p): group["lr"] for group in optimizer.param_groups for p in group["params"]}
        for name, parameter in model.named_parameters():
            if name in self._start and parameter.requires_grad:
                share = min(1.0, rates[id(parameter)] * self._strength)
                parameter.lerp_(self._start[name], share)
