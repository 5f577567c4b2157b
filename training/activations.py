"""The hidden states below the lowest trained layer: computed once, and recalled in every epoch.

What is frozen drops nothing out, so a window's hidden states there are the same in every step:
float32 values that depend on the frozen weights alone. Which are kept follows from the settings and
the windows' lengths, so that a training that goes on elsewhere does the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from typing import Any

import torch
from torch import nn

from burnish.torch_models.batches import token_batches

from .batches import Collator
from .device import placed
from .features import Feature
from .thawing import Thawing

__all__ = ["Activations"]

_LARGEST_BYTES = 2**30
"""Of all that is kept at once; beyond it, frozen layers are computed anew in every step."""
_BATCH_TOKENS = 2048


class Activations:
    """Hidden states of the training windows at the heights where frozen layers end.

    Args:
        model: whose layers they are.
        thawing: says what is frozen when.
        features: the training windows.
        collate: pads them.
    """

    def __init__(
        self,
        model: nn.Module,
        thawing: Thawing,
        features: Sequence[Feature],
        *,
        collate: Collator,
    ) -> None:
        self._model = model
        self._thawing = thawing
        self._features = features
        self._collate = collate
        self._kept: dict[int, list[torch.Tensor]] = {}
        self._heights = self._worth_keeping()
        self._height = 0

    @property
    def size_bytes(self) -> int:
        """Of what is kept now."""
        return sum(state.nbytes for states in self._kept.values() for state in states)

    def begin(self, epoch: int) -> None:
        """Compute, in the first epoch that needs them, what this and later ones recall."""
        height = self._thawing.frozen_layers(epoch)
        self._height = height if height in self._heights else 0
        left = {self._thawing.frozen_layers(e) for e in range(epoch, self._thawing.epochs)}
        self._kept = {h: states for h, states in self._kept.items() if h in left}
        if self._height and self._height not in self._kept:
            self._compute([h for h in self._heights if h in left])

    def recall(self, batch: Sequence[int], *, length: int) -> dict[str, torch.Tensor]:
        """``recalled``, (batch, length, hidden) states padded with zeros; empty: none are kept."""
        if not self._height:
            return {}
        states = [self._kept[self._height][index] for index in batch]
        first = states[0]
        padded = torch.zeros(len(states), length, first.shape[-1], device=first.device)
        for row, state in zip(padded, states, strict=True):
            row[: len(state)] = state
        return {"recalled": padded}

    @contextmanager
    def standing_in(self, hidden: torch.Tensor | None) -> Iterator[None]:
        """In the block the frozen layers answer with these states, whatever they are given."""
        with ExitStack() as stack:
            if hidden is not None:
                for layer in self._thawing.layers[: self._height]:
                    stack.enter_context(_answering(layer, hidden))
            yield

    def _worth_keeping(self) -> list[int]:
        """Heights to keep, if frozen layers stand under two epochs and more, and there is room."""
        heights = [self._thawing.frozen_layers(e) for e in range(self._thawing.epochs)]
        frozen = [height for height in heights if height]
        split = getattr(self._model, "splits_batches", False)
        if len(frozen) < 2 or not self._features or split:
            return []
        config: Any = self._thawing.config
        hidden = int(getattr(config, "hidden_size", None) or config.dim)
        each = 4 * hidden * sum(len(feature) for feature in self._features)
        chosen: list[int] = []
        # What is asked for most often first, the higher of two.
        for height in sorted(set(frozen), key=lambda h: (-frozen.count(h) * h, -h)):
            if each * (len(chosen) + 1) <= _LARGEST_BYTES:
                chosen.append(height)
        return chosen

    def _compute(self, heights: Sequence[int]) -> None:
        lengths = [len(feature) for feature in self._features]
        empty = [torch.empty(0)] * len(lengths)
        kept = {height: list(empty) for height in heights}
        mode = self._model.training
        self._model.eval()
        try:
            for batch in token_batches(lengths, batch_tokens=_BATCH_TOKENS):
                found = self._states(batch, heights)
                if any(state.requires_grad for state in found.values()):
                    # Something that is trained (a prefix) reaches in below: nothing is constant.
                    self._heights, self._height = [], 0
                    return
                for height, states in found.items():
                    for row, index in enumerate(batch):
                        kept[height][index] = states[row, : lengths[index]].clone().cpu()
        finally:
            self._model.train(mode)
        self._kept = kept

    def _states(self, batch: Sequence[int], heights: Sequence[int]) -> dict[int, torch.Tensor]:
        """The outputs of the layers at some heights; nothing above them is computed."""
        inputs = self._collate([self._features[index] for index in batch])
        del inputs["targets"], inputs["weights"]
        found: dict[int, torch.Tensor] = {}
        layers = self._thawing.layers
        with ExitStack() as stack:
            for height in heights:

                def keep(_: nn.Module, __: Any, output: Any, height: int = height) -> None:
                    found[height] = _hidden(output)

                handle = layers[height - 1].register_forward_hook(keep)
                stack.callback(handle.remove)
            if max(heights) < len(layers):
                above = layers[max(heights)].register_forward_pre_hook(_stop)
                stack.callback(above.remove)
            with suppress(_EnoughError):
                self._model(**placed(inputs, self._model))
        return found


class _EnoughError(Exception):
    """The states that were asked for are there."""


def _stop(*_: Any) -> None:
    raise _EnoughError


def _hidden(output: Any) -> torch.Tensor:
    """A layer's hidden states: its output, or the first of its outputs."""
    state: torch.Tensor = output if isinstance(output, torch.Tensor) else output[0]
    return state


@contextmanager
def _answering(layer: nn.Module, hidden: torch.Tensor) -> Iterator[None]:
    # DeBERTa's layers give their attention beside the states; the others' callers take the first,
    # and DistilBERT's the last, of one.
    pair = type(layer).__name__.startswith("Deberta")
    answer = (hidden, None) if pair else (hidden,)
    before = layer.__dict__.get("forward")
    layer.forward = lambda *_, **__: answer
    try:
        yield
    finally:
        if before is None:
            del layer.forward
        else:
            layer.forward = before
