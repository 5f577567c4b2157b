"""Windows of a stream of tokens, with some words masked: anew in every epoch."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import overload

import numpy as np
import numpy.typing as npt
from typing_extensions import override

from burnish.tasks.regimes import IGNORED
from burnish.tasks.windows import Window

from ...data.features import Feature
from .texts import WORD

__all__ = ["MASKED", "EveryWindow", "MaskedWindows", "Vocabulary"]

MASKED = 0.15
"""Share of the tokens that are to be told, as in BERT (Devlin et al. 2019)."""
_AS_MASK, _AS_OTHER = 0.8, 0.9
"""Of them, those below are shown as the mask, those between as another token, the rest as is."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The tokens that windows are made with."""

    before: tuple[int, ...]
    """What stands before a text."""
    after: tuple[int, ...]
    """What stands behind it."""
    mask: int
    size: int
    """Ids below it can be drawn in place of a masked one."""


class MaskedWindows(Sequence[Feature]):
    """The windows of a stream, once for each epoch: ``index`` is epoch · windows + place.

    Whole words are masked, drawn by the seed and the index alone.

    Args:
        path: of :func:`.texts.write_stream`; it is mapped, not read.
        length: of a window, special tokens included.
        vocabulary: of the tokenizer.
        epochs: how often each window occurs.
        seed: of the masks.
    """

    def __init__(
        self, path: Path, *, length: int, vocabulary: Vocabulary, epochs: int, seed: int
    ) -> None:
        self._stream: npt.NDArray[np.int32] = np.memmap(path, dtype=np.int32, mode="r")
        self._vocabulary = vocabulary
        self._inside = length - len(vocabulary.before) - len(vocabulary.after)
        self._seed = seed
        self.windows = max(1, len(self._stream) // self._inside)
        """How many there are; tokens that fill no window at the end are left out."""
        self._epochs = epochs

    @override
    def __len__(self) -> int:
        return self.windows * self._epochs

    @overload
    def __getitem__(self, index: int) -> Feature: ...
    @overload
    def __getitem__(self, index: slice) -> list[Feature]: ...
    @override
    def __getitem__(self, index: int | slice) -> Feature | list[Feature]:
        if isinstance(index, slice):
            return [self[each] for each in range(*index.indices(len(self)))]
        begin = self._inside * (index % self.windows)
        part = np.array(self._stream[begin : begin + self._inside])
        rng = np.random.default_rng((self._seed, index))
        ids, told = self._masked(part, rng)
        before, after = self._vocabulary.before, self._vocabulary.after
        whole = np.concatenate([before, ids, after]).astype(np.int64)
        edges = [np.full(len(each), IGNORED) for each in (before, after)]
        target = np.concatenate([edges[0], told, edges[1]]).astype(np.int64)
        stop = len(before) + len(ids)
        window = Window(whole, np.zeros_like(whole), 0, stop - len(before), len(before))
        return Feature(window, target, 1.0)

    def _masked(
        self, part: npt.NDArray[np.int32], rng: np.random.Generator
    ) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int64]]:
        """The tokens that the model sees, and those that it is to tell."""
        own = part & ~WORD
        words = np.cumsum((part & WORD) != 0)
        order = rng.permutation(np.unique(words))
        sizes = np.bincount(words, minlength=int(words[-1]) + 1)[order]
        wanted = max(1, round(MASKED * len(own)))
        taken = int(np.searchsorted(np.cumsum(sizes), wanted)) + 1
        chosen = np.isin(words, order[:taken])
        draws = rng.random(len(own))
        others = rng.integers(0, self._vocabulary.size, len(own))
        shown = np.where(draws < _AS_MASK, self._vocabulary.mask, others)
        seen = np.where(chosen & (draws < _AS_OTHER), shown, own)
        return seen.astype(np.int32), np.where(chosen, own, IGNORED).astype(np.int64)


class EveryWindow:
    """Batches of an epoch's windows, in an order that the seed draws.

    Args:
        windows: how many there are in an epoch.
        batch_size: of all but the last.
        seed: of the order.
    """

    def __init__(self, windows: int, *, batch_size: int, seed: int) -> None:
        self._windows, self._batch_size, self._seed = windows, batch_size, seed

    def __len__(self) -> int:
        return math.ceil(self._windows / self._batch_size)

    def of_epoch(self, epoch: int) -> list[list[int]]:
        """An epoch's batches, which depend on its number alone."""
        order = np.random.default_rng((self._seed, epoch)).permutation(self._windows)
        places = (order + epoch * self._windows).tolist()
        size = self._batch_size
        return [places[begin : begin + size] for begin in range(0, self._windows, size)]
