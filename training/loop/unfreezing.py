"""Which layers are trained when: some never, others from the top down, epoch by epoch.

Gradual unfreezing is ULMFiT's (Howard & Ruder 2018): it trains the head alone first, then layer
upon layer below it. There one layer joins per epoch. Here they join evenly, so that everything is
trained from the middle of a run on, however many layers the encoder has.
"""

from __future__ import annotations

import math
import re
from typing import Any

from torch import nn

from burnish.errors import BaseModelError, ConfigError
from burnish.recipe.recipe import TrainSection
from burnish.torch_models.families import (
    LAYERS,
    encoder_layers,
    layer_depths,
    unknown_layers,
)
from burnish.torch_models.inner import inner_model

__all__ = ["Thawing", "check_layers", "freeze_lowest"]

_BELOW = re.compile(r"(?:.*\.)?(embeddings|encoder\.conv)")
"""Modules below the layers that have dropout."""


def check_layers(settings: TrainSection, *, family: str, layers: int | None) -> None:
    """Refuse what a recipe asks of an encoder's layers, before its weights are read.

    Args:
        settings: as they were read.
        family: ``model_type`` of the base.
        layers: of the base; None where their order is not known.

    Raises:
        BaseModelError: it depends on the order of the layers, which is not known.
        ConfigError: more layers are to be frozen than there are.
    """
    if layers is not None:
        _check_count(settings.freeze, layers)
        return
    if settings.freeze or settings.layer_decay not in ("auto", 1):
        raise unknown_layers(family)
    if settings.gradual_unfreezing is True:
        raise _unknown_order()


def freeze_lowest(model: nn.Module, count: int) -> None:
    """Freeze the lowest layers and everything below them; 0 changes nothing.

    Raises:
        ConfigError: the encoder has fewer layers.
        BaseModelError: the layers' order is not known.
    """
    if count == 0:
        return
    _check_count(count, len(encoder_layers(model)))
    depths = layer_depths(model)
    for name, parameter in model.named_parameters():
        if depths[name] <= count:
            parameter.requires_grad_(False)


class Thawing:
    """Switches layers on, by an epoch's number alone.

    Args:
        model: its parameters that require a gradient now are trained, sooner or later.
        settings: resolved.
    """

    def __init__(self, model: nn.Module, settings: TrainSection) -> None:
        config: Any = inner_model(model).config
        known = str(getattr(config, "model_type", "")) in LAYERS
        self._gradual = settings.gradual_unfreezing is True
        if self._gradual and not known:
            raise _unknown_order()
        self.layers = tuple(encoder_layers(model)) if known else ()
        depths = layer_depths(model) if known else {}
        self._trained = {
            name: (parameter, depths.get(name, 0))
            for name, parameter in model.named_parameters()
            if parameter.requires_grad
        }
        self._below = [m for name, m in model.named_modules() if _BELOW.fullmatch(name)]
        self.epochs = int(settings.epochs)
        self._frozen = 0

    @property
    def complete(self) -> int:
        """The epoch, from 0, from which on everything is trained that is not frozen for good."""
        return self.epochs // 2 if self._gradual else 0

    def frozen_layers(self, epoch: int) -> int:
        """How many of the lowest layers are frozen in an epoch, with everything below them."""
        start = self._lowest(epoch)
        lowest = min((d for _, d in self._trained.values() if d >= start), default=0)
        return max(0, min(lowest - 1, len(self.layers)))

    def begin(self, epoch: int) -> None:
        """Switch on the parameters that an epoch trains, and off the others."""
        for parameter, depth in self._trained.values():
            parameter.requires_grad_(depth >= self._lowest(epoch))
        self._frozen = self.frozen_layers(epoch)

    def rest(self) -> None:
        """Put the frozen layers of a model in training mode into eval mode, without dropout."""
        if self._frozen:
            for module in (*self._below, *self.layers[: self._frozen]):
                module.eval()

    def end(self) -> None:
        """Let all parameters require a gradient that did at the start."""
        for parameter, _ in self._trained.values():
            parameter.requires_grad_(True)

    def _lowest(self, epoch: int) -> int:
        """The lowest depth that an epoch trains."""
        if epoch >= self.complete:
            return 0
        return math.ceil((len(self.layers) + 1) * (1 - epoch / self.complete))


def _check_count(count: int, layers: int) -> None:
    if count > layers:
        raise ConfigError(
            f"train -> freeze: {count} layers, and the encoder has {layers}",
            f"set train.freeze to {layers} or less",
        )


def _unknown_order() -> BaseModelError:
    return BaseModelError(
        "the order of this encoder's layers is not known", "set train.gradual_unfreezing=false"
    )
