"""A smaller encoder made of a larger one: some of its layers, some of their inner units, or none.

What comes out is a model of the same family, which everything loads that loads the larger one.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn
from transformers import PreTrainedModel

from burnish.errors import BaseModelError
from burnish.torch_models.families import FEED_FORWARD, LAYERS, FeedForward, unknown_layers

__all__ = ["count_layers", "even_layers", "feed_forward", "keep_layers", "keep_units", "static"]

_PLAIN_EMBEDDINGS = frozenset({"bert", "camembert", "ernie", "mpnet", "roberta", "xlm-roberta"})
"""Families whose encoder without layers is a normed sum of the embeddings."""
_ZEROED = (
    "position_embeddings.weight",
    "token_type_embeddings.weight",
    "embeddings.LayerNorm.bias",
)

_SHARED = frozenset({"albert"})
"""Families whose layers share their weights: fewer are the same weights, used less often."""


def count_layers(model: PreTrainedModel) -> int:
    """How many layers an encoder runs.

    Raises:
        BaseModelError: the order of the family's layers is not known.
    """
    _pattern(model)
    return int(model.config.num_hidden_layers)


def even_layers(count: int, kept: int) -> tuple[int, ...]:
    """Which of ``count`` layers to keep: the first, the last, and those evenly between.

    Of twelve, six are 0, 2, 4, 7, 9, 11: those with which DistilBERT starts (Sanh et al. 2019).
    """
    if kept == 1:
        return (0,)
    return tuple(round(place * (count - 1) / (kept - 1)) for place in range(kept))


def keep_layers(model: PreTrainedModel, layers: Sequence[int]) -> PreTrainedModel:
    """A copy with some of the layers.

    Args:
        model: an encoder, with a head or without.
        layers: places of those to keep, in order, 0 among them: ModernBERT's first layer has
            parts of its own.

    Raises:
        BaseModelError: the order of the family's layers is not known.
    """
    pattern, source = re.compile(_pattern(model)), model.state_dict()
    config: Any = copy.deepcopy(model.config)
    config.num_hidden_layers = len(layers)
    if (types := getattr(config, "layer_types", None)) is not None:
        config.layer_types = [types[place] for place in layers]
    if str(config.model_type) in _SHARED:
        state = source
    else:
        places = {old: new for new, old in enumerate(layers)}
        state = {}
        for name, tensor in source.items():
            match = pattern.search(name)
            if match is None:
                state[name] = tensor
            elif (new := places.get(int(match[1]))) is not None:
                state[name[: match.start(1)] + str(new) + name[match.end(1) :]] = tensor
    return _filled(type(model), config, state, like=model)


def keep_units(model: PreTrainedModel, units: Sequence[npt.NDArray[np.int64]]) -> PreTrainedModel:
    """A copy with some of the inner units of its feed-forward parts.

    Args:
        model: an encoder, with a head or without.
        units: of each layer, lowest first, places of those to keep: as many in each.

    Raises:
        BaseModelError: the places of the family's feed-forward parts are not known.
    """
    part = feed_forward(model)
    config: Any = copy.deepcopy(model.config)
    setattr(config, part.key, len(units[0]))
    layer, state = re.compile(_pattern(model)), dict(model.state_dict())
    for name, tensor in state.items():
        match = layer.search(name)
        if match is None:
            continue
        kept = torch.from_numpy(units[int(match[1])])
        module, _, kind = name[match.end() :].rpartition(".")
        if module in part.up:
            # Values and gates in one matrix: the same units of both.
            state[name] = torch.cat([each[kept] for each in tensor.chunk(part.stacked)])
        elif (module, kind) == (part.down, "weight"):
            state[name] = tensor[:, kept]
    return _filled(type(model), config, state, like=model)


def feed_forward(model: PreTrainedModel) -> FeedForward:
    """Where each layer of an encoder has its feed-forward part.

    Raises:
        BaseModelError: it is not known, or the layers share one.
    """
    family = str(model.config.model_type)
    if family not in FEED_FORWARD:
        raise BaseModelError(
            f"the inner units of a {family!r} model cannot be pruned",
            f"they can for {', '.join(sorted(FEED_FORWARD))}; others keep some of their layers "
            "(--layers)",
        )
    return FEED_FORWARD[family]


def static(model: PreTrainedModel, vectors: torch.Tensor) -> PreTrainedModel:
    """A copy without layers, in which a token has one vector, normed, wherever it stands.

    Args:
        model: an encoder without a head.
        vectors: (vocabulary, hidden) of the tokens.

    Raises:
        BaseModelError: the family's embeddings are more than a sum.
    """
    family = str(model.config.model_type)
    if family not in _PLAIN_EMBEDDINGS:
        raise BaseModelError(
            f"a {family!r} model cannot do without its layers",
            f"{', '.join(sorted(_PLAIN_EMBEDDINGS))} can; others keep one (--layers 1)",
        )
    layer = re.compile(_pattern(model))
    state = {name: t for name, t in model.state_dict().items() if not layer.search(name)}
    for name, tensor in state.items():
        if name.endswith("word_embeddings.weight"):
            state[name] = vectors
        elif name.endswith("embeddings.LayerNorm.weight"):
            state[name] = torch.ones_like(tensor)
        elif name.endswith(_ZEROED):
            state[name] = torch.zeros_like(tensor)
    config: Any = copy.deepcopy(model.config)
    config.num_hidden_layers = 0
    return _filled(type(model), config, state, like=model)


def _filled(
    kind: type[PreTrainedModel],
    config: Any,
    state: dict[str, torch.Tensor],
    *,
    like: PreTrainedModel,
) -> PreTrainedModel:
    """A model with these weights, in eval mode; without a pooler where the other has none."""
    with torch.random.fork_rng(devices=[]):
        made: Any = kind(config)
    if getattr(like, "pooler", nn.Module()) is None:
        made.pooler = None
    made.load_state_dict(state)
    shrunk: PreTrainedModel = made.eval()
    return shrunk


def _pattern(model: PreTrainedModel) -> str:
    family = str(model.config.model_type)
    if family not in LAYERS:
        raise unknown_layers(family)
    return rf"(?:^|\.){LAYERS[family]}\."
