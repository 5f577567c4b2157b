"""Weights between the start and where training led (WiSE-FT, Wortsman et al. 2022).

A few rows lead an encoder astray in what they do not show. Part of the way back keeps most of what
was learnt and gives up less of what pre-training knew.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn

__all__ = ["Interpolation"]


class Interpolation:
    """A model's start, to be mixed with what it becomes.

    Args:
        model: what requires a gradient now is mixed; its weights now are the start.
        share: of the trained weights; the rest is the start's. 1: as trained.
    """

    def __init__(self, model: nn.Module, share: float) -> None:
        self._share = share
        self._parameters = [p for p in model.parameters() if p.requires_grad] if share < 1 else []
        self._start = [p.detach().clone() for p in self._parameters]

    def mix(self) -> None:
        """Put the mixed weights into the model."""
        with torch.no_grad():
            for parameter, start in zip(self._parameters, self._start, strict=True):
                parameter.copy_(torch.lerp(start, parameter, self._share))

    @contextmanager
    def mixed(self) -> Iterator[None]:
        """The model with the mixed weights, for a while."""
        trained = [p.detach().clone() for p in self._parameters]
        self.mix()
        try:
            yield
        finally:
            with torch.no_grad():
                for parameter, kept in zip(self._parameters, trained, strict=True):
                    parameter.copy_(kept)
