"""How small a student must be to cost a share of its teacher, and which units it keeps."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn
from transformers import PreTrainedModel

from burnish.arrays import DoubleArray
from burnish.errors import ConfigError
from burnish.tasks import Task
from burnish.torch_models.batches import pad_windows
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

__all__ = ["Size", "prune", "size_for", "unit_importance"]

_ROUNDS = 5
_MULTIPLE = 16
"""Units come in so many: kernels work on as many at once."""
_FEWEST = 64
_TIMED, _ROUGHLY = 32, 0.05
_BATCH = 16


@dataclass(frozen=True, slots=True)
class Size:
    """The size of a student."""

    layers: int
    units: int
    """Inner units of each layer's feed-forward part."""
    cost: float
    """Processor time of an answer by the teacher's."""


def size_for(cost: float, model: PreTrainedModel, features: Sequence[Feature]) -> Size:
    """Find layers and inner units that cost a share of a model, by timing both.

    As few layers as can have the cost with all their units, then fewer units. A text is answered
    alone, as it comes to a server, on the threads of the training.

    Args:
        cost: the share, above 0 and below 1.
        model: the whole encoder.
        features: windows to time, as they come.

    Raises:
        ConfigError: one layer with the fewest units costs more.
        BaseModelError: the inner units of the family cannot be pruned.
    """
    count, whole = count_layers(model), int(getattr(model.config, feed_forward(model).key))
    measure = partial(_relative_cost, model, features=features[:_TIMED])
    least, most = measure(1, _FEWEST), 0.0
    if least > cost:
        raise ConfigError(
            f"--cost {cost:g}: one layer with {_FEWEST} inner units costs {least:.2f} of the "
            "teacher already",
            f"give --cost {least + 0.05:.2f} or more, or --static",
        )
    layers = 0
    while most < cost and layers < count:
        layers += 1
        most = measure(layers, whole)
    few, many = measure(layers, _FEWEST), most
    units, low, high = whole, _FEWEST, whole
    for _ in range(_ROUNDS):
        if many <= few or high - low <= _MULTIPLE:
            break
        share = (cost - few) / (many - few)
        units = _rounded(low + share * (high - low), whole)
        found = measure(layers, units)
        if abs(found - cost) <= _ROUGHLY * cost:
            return Size(layers, units, found)
        if found > cost:
            high, many = units, found
        else:
            low, few = units, found
    return Size(layers, units, measure(layers, units))


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


def _rounded(units: float, most: int) -> int:
    return int(min(most, max(_FEWEST, _MULTIPLE * round(units / _MULTIPLE))))


def _relative_cost(
    model: PreTrainedModel, layers: int, units: int, *, features: Sequence[Feature]
) -> float:
    """The least of several timings of either, one after the other."""
    kept = even_layers(count_layers(model), layers)
    places: npt.NDArray[np.int64] = np.arange(units)
    smaller = keep_units(keep_layers(model, kept), [places] * layers)
    names = input_names(model)
    given = [pad_windows([f.window], names=names, pad_id=pad_id(model)) for f in features]
    times: dict[int, list[float]] = {0: [], 1: []}
    with torch.inference_mode():
        for _ in range(_ROUNDS):
            for place, each in enumerate((model, smaller)):
                begin = time.process_time()
                for inputs in given:
                    each(**inputs)
                times[place].append(time.process_time() - begin)
    return min(times[1]) / min(times[0])
