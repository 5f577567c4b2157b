"""The weights that a tuning started from, and two ways in which they hold it back.

``l2`` draws every weight towards its start rather than towards zero (L2-SP: Li, Grandvalet &
Davoine 2018, "Explicit Inductive Bias for Transfer Learning with Convolutional Networks"); here
apart from the gradient, as AdamW does with the decay to zero, because Adam would divide the pull
by the gradient's size. ``mixout`` puts, in each step, a random share of the weights back to their
start (Lee, Cho & Kang 2020, "Mixout: Effective Regularization to Finetune Large-scale Pretrained
Language Models").
"""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from torch.func import functional_call
from torch.nn.functional import dropout

from burnish.config import TrainSection

__all__ = ["Anchor"]


class Anchor:
    """A copy of what is trained and not new, and the pull towards it.

    Args:
        model: as pre-trained; what requires a gradient is copied.
        settings: resolved.
        new_parameters: those that have no start worth keeping.
    """

    def __init__(
        self, model: nn.Module, settings: TrainSection, *, new_parameters: frozenset[str]
    ) -> None:
        self._kind = settings.regularization
        self._strength = (
            0.0 if settings.regularization == "none" else float(settings.regularization_strength)
        )
        held = {
            name: parameter
            for name, parameter in model.named_parameters()
            if self._strength and parameter.requires_grad and name not in new_parameters
        }
        if self._kind == "mixout":
            held = {name: held[name] for name in _linear_weights(model) if name in held}
        self._start = {name: parameter.detach().clone() for name, parameter in held.items()}

    def call(self, model: nn.Module, inputs: dict[str, torch.Tensor]) -> Any:
        """The model's output; under mixout with other weights put back in every call.

        Each weight is its start with probability p, and elsewhere so far from it that the mean
        over the draws is the weight itself.
        """
        if self._kind != "mixout" or not model.training:
            return model(**inputs)
        mixed = {
            name: self._start[name] + dropout(parameter - self._start[name], self._strength)
            for name, parameter in model.named_parameters()
            if name in self._start and parameter.requires_grad
        }
        return functional_call(model, mixed, kwargs=inputs)

    @torch.no_grad()
    def pull(self, model: nn.Module, optimizer: torch.optim.Optimizer) -> None:
        """Under ``l2``, after a step: each weight goes learning rate x strength of its way back."""
        if self._kind != "l2":
            return
        rates = {id(p): group["lr"] for group in optimizer.param_groups for p in group["params"]}
        for name, parameter in model.named_parameters():
            if name in self._start and parameter.requires_grad:
                share = min(1.0, rates[id(parameter)] * self._strength)
                parameter.lerp_(self._start[name], share)


def _linear_weights(model: nn.Module) -> list[str]:
    """As in the paper's own code: embeddings, norms and biases are left alone."""
    return [
        f"{name}.weight" if name else "weight"
        for name, module in model.named_modules()
        if isinstance(module, nn.Linear)
    ]
