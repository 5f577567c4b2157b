"""How small a student must be to cost a share of its teacher, and which units it keeps."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from torch import nn
from transformers import PreTrainedModel

from burnish.arrays import DoubleArray
from burnish.errors import ConfigError
from burnish.notify import Notify, ignore
from burnish.plural import plural
from burnish.tasks import Input, Task
from burnish.torch_models.build import input_names
from burnish.torch_models.families import encoder_layers
from burnish.torch_models.logits import pad_id
from burnish.torch_models.shrinking import (
    count_layers,
    even_layers,
    feed_forward,
    keep_layers,
    keep_units,
)

from ...data.batches import Collator
from ...data.features import Feature
from ...loop.loss import loss_for

__all__ = ["CostMeter", "Served", "Size", "prune", "size_for", "unit_importance"]

_CHECKS = 2
"""Numbers of units that are timed between the fewest and all: a line through several timings is
nearer to the truth than any of them."""
_MULTIPLE = 16
"""Units come in so many: kernels work on as many at once."""
_FEWEST = 64
_LARGEST = 0.9
"""A student that costs more is hardly one."""
_BATCH = 16

CostMeter = Callable[[nn.Module], float]
"""Processor time of an answer by a model, as a share of its teacher's."""


class Served(Protocol):
    """Times models as they are served, which this room cannot do: it knows no graphs."""

    def __call__(
        self, teacher: nn.Module, *, task: Task, tokenizer: Path, inputs: Sequence[Input]
    ) -> AbstractContextManager[CostMeter]:
        """A meter of models that do the teacher's task.

        Args:
            teacher: costs 1.
            task: what all of them do.
            tokenizer: the directory of the tokenizer's files.
            inputs: what is answered.
        """


@dataclass(frozen=True, slots=True)
class Size:
    """The size of a student."""

    layers: int
    units: int
    """Inner units of each layer's feed-forward part."""
    cost: float
    """Processor time of an answer by the teacher's."""


def size_for(
    cost: float, model: PreTrainedModel, share: CostMeter, *, say: Notify = ignore
) -> Size:
    """Find layers and inner units that cost a share of a model.

    As few layers as can have the cost with all their units, then fewer units, in which the cost of
    so many layers is linear.

    Args:
        cost: the share, above 0 and below 1.
        model: the whole encoder.
        share: what an encoder made of it costs.
        say: told what each size costs.

    Raises:
        ConfigError: one layer with the fewest units costs more.
        BaseModelError: the inner units of the family cannot be pruned.
    """
    sizes = _Sizes(model, share, say)
    layers = _fewest_layers(cost, sizes)
    low = sizes.time(layers, min(_FEWEST, sizes.units))
    if layers == 1 and low.cost > cost:
        raise ConfigError(
            f"--cost {cost:g}: one layer with {low.units} inner units costs {low.cost:.2f} of the "
            "teacher already",
            f"give --cost {low.cost + 0.05:.2f} or more, or --static"
            if low.cost < _LARGEST
            else "give --static, or another base with --base",
        )
    if low.cost >= cost:  # it lies between the costs of two numbers of layers
        fewer = sizes.time(layers - 1, sizes.units) if layers > 1 else low
        return fewer if cost - fewer.cost <= low.cost - cost else low
    for _ in range(_CHECKS):
        sizes.time(layers, sizes.fitted(cost, layers).units)
    return sizes.fitted(cost, layers)


def prune(model: PreTrainedModel, size: Size, importance: Sequence[DoubleArray]) -> PreTrainedModel:
    """A copy of a size, with the most important inner units of the layers that stay.

    Args:
        model: the whole encoder, with a head or without.
        size: of :func:`size_for`.
        importance: (units,) of each layer of ``model``.
    """
    kept = even_layers(count_layers(model), size.layers)
    units = [np.sort(np.argsort(-importance[place], kind="stable")[: size.units]) for place in kept]
    return keep_units(keep_layers(model, kept), units)


def unit_importance(
    model: nn.Module, encoder: PreTrainedModel, task: Task, features: Sequence[Feature]
) -> list[DoubleArray]:
    """How much the loss would change without each inner unit, to first order, by layer.

    The mean over windows of |activation · gradient|, summed over a window's tokens (Michel et al.
    2019, "Are Sixteen Heads Really Better than One?", equation 2, here for units; Molchanov et al.
    2017).

    Args:
        model: tuned.
        encoder: the part of it that has the layers.
        task: the model's.
        features: training windows with their own targets.

    Returns:
        (units,) for each layer, lowest first.
    """
    down = feed_forward(encoder).down
    linear = [layer.get_submodule(down) for layer in encoder_layers(encoder)]
    seen: dict[int, torch.Tensor] = {}

    def keep(place: int, _: nn.Module, given: tuple[torch.Tensor, ...]) -> None:
        given[0].retain_grad()
        seen[place] = given[0]

    hooks = [each.register_forward_pre_hook(partial(keep, at)) for at, each in enumerate(linear)]
    loss = loss_for(task)
    collate = Collator(input_names(model), pad_id=pad_id(model))
    totals: list[DoubleArray] = [np.zeros(each.in_features) for each in _linear(linear)]
    model.requires_grad_(True).eval()
    try:
        for begin in range(0, len(features), _BATCH):
            batch: Mapping[str, Any] = collate(features[begin : begin + _BATCH])
            inputs = {k: v for k, v in batch.items() if k not in ("targets", "weights")}
            value = loss(model(**inputs), batch["targets"], batch["weights"])
            torch.autograd.backward(value)
            for place, tensor in seen.items():
                gradient: Any = tensor.grad
                change = (tensor.detach() * gradient).sum(1).abs().sum(0)
                totals[place] += change.double().numpy()
    finally:
        for hook in hooks:
            hook.remove()
        model.requires_grad_(False)
        model.zero_grad(set_to_none=True)
    return [total / max(1, len(features)) for total in totals]


def _linear(modules: Sequence[nn.Module]) -> list[nn.Linear]:
    return [each for each in modules if isinstance(each, nn.Linear)]


class _Sizes:
    """Sizes of a model that have been timed."""

    def __init__(self, model: PreTrainedModel, share: CostMeter, say: Notify) -> None:
        self.count = count_layers(model)
        self.units = int(getattr(model.config, feed_forward(model).key))
        self._model, self._share, self._say = model, share, say
        whole = Size(self.count, self.units, 1.0)
        self._found = {(whole.layers, whole.units): whole}

    def time(self, layers: int, units: int) -> Size:
        """A size with its cost. Which units stay makes no difference to it."""
        if (layers, units) not in self._found:
            kept = keep_layers(self._model, even_layers(self.count, layers))
            if units < self.units:
                kept = keep_units(kept, [np.arange(units)] * layers)
            size = Size(layers, units, self._share(kept))
            given = f"{plural(layers, '# [layer|layers]')} with {units} inner units each"
            self._say(f"timed as served: {given}, {size.cost:.2f} of the teacher's time")
            self._found[layers, units] = size
        return self._found[layers, units]

    def fitted(self, cost: float, layers: int) -> Size:
        """The number of units that costs a share, by a line through all that have been timed."""
        found = [size for (count, _), size in self._found.items() if count == layers]
        slope, least = np.polyfit([e.units for e in found], [e.cost for e in found], 1)
        units = _MULTIPLE * round((cost - least) / slope / _MULTIPLE) if slope > 0 else self.units
        units = min(max(units, _FEWEST), self.units)
        return Size(layers, units, float(least + slope * units))


def _fewest_layers(cost: float, sizes: _Sizes) -> int:
    """As few layers as cost a share or more with all their units.

    Starts where the answer lies if all time is the layers', so that few sizes are timed.
    """

    def enough(layers: int) -> bool:
        return sizes.time(layers, sizes.units).cost >= cost

    layers = math.ceil(cost * sizes.count)
    while not enough(layers):
        layers += 1
    while layers > 1 and enough(layers - 1):
        layers -= 1
    return layers
