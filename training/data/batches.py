"""Training batches: windows of similar length together, in an order that the seed decides."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import torch

from burnish.tasks.regimes import IGNORED
from burnish.torch_models.batches import pad_windows

from .features import Feature

__all__ = ["Batches", "Collator", "LengthGroupedBatches"]

DECODER_INPUT = "decoder_input_ids"
_POOL = 50
"""So many batches' windows are sorted together: the order stays random, the padding small."""


class Batches(Protocol):
    """Which windows form a batch, epoch by epoch."""

    def __len__(self) -> int:
        """Number of batches per epoch."""

    def of_epoch(self, epoch: int) -> list[list[int]]:
        """An epoch's batches of indices, which depend on its number alone."""


class LengthGroupedBatches:
    """Batches of indices, in another order every epoch."""

    def __init__(self, lengths: Sequence[int], *, batch_size: int, seed: int) -> None:
        self._lengths = np.array(lengths)
        self._batch_size = batch_size
        self._seed = seed

    def __len__(self) -> int:
        return math.ceil(len(self._lengths) / self._batch_size)

    def of_epoch(self, epoch: int) -> list[list[int]]:
        """An epoch's batches, the same for the same seed and epoch."""
        rng = np.random.default_rng((self._seed, epoch))
        order = rng.permutation(len(self._lengths))
        pool = self._batch_size * _POOL
        batches = []
        for begin in range(0, len(order), pool):
            chunk = order[begin : begin + pool]
            chunk = chunk[np.argsort(-self._lengths[chunk], kind="stable")]
            batches += [
                chunk[i : i + self._batch_size].tolist()
                for i in range(0, len(chunk), self._batch_size)
            ]
        return [batches[index] for index in rng.permutation(len(batches)).tolist()]


class Collator:
    """Turns features into padded tensors."""

    def __init__(self, names: Sequence[str], *, pad_id: int, start_id: int | None = None) -> None:
        """Say what the model takes.

        Args:
            names: of its tensors.
            pad_id: token id of the padding.
            start_id: what a decoder reads before the first token that it is to write.
        """
        self._writes = DECODER_INPUT in names
        self._names = [name for name in names if name != DECODER_INPUT]
        self._pad_id = pad_id
        self._start_id = start_id

    def __call__(self, features: Sequence[Feature]) -> dict[str, Any]:
        """Model inputs, ``targets`` and ``weights`` (batch,)."""
        tensors = pad_windows([f.window for f in features], names=self._names, pad_id=self._pad_id)
        targets = [f.target for f in features]
        if targets[0].ndim and len({len(t) for t in targets}) > 1:
            longest = max(len(t) for t in targets)
            targets = [_padded(target, longest) for target in targets]
        weights = torch.tensor([f.weight for f in features], dtype=torch.float32)
        told = torch.from_numpy(np.stack(targets))
        if self._writes:
            tensors[DECODER_INPUT] = self._read_before(told)
        return {**tensors, "targets": told, "weights": weights}

    def _read_before(self, targets: torch.Tensor) -> torch.Tensor:
        """(batch, m): what a decoder has read when it writes each token."""
        read = torch.full_like(targets, self._start_id or 0)
        read[:, 1:] = targets[:, :-1]
        return read.masked_fill_(read == IGNORED, self._pad_id)


def _padded(target: npt.NDArray[Any], length: int) -> npt.NDArray[Any]:
    """A target per token, of so many tokens."""
    widths = [(0, length - len(target)), *[(0, 0)] * (target.ndim - 1)]
    return np.pad(target, widths, constant_values=IGNORED)
