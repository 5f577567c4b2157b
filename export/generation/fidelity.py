"""How far two models' logits are apart, at every step of writing given texts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import torch
from torch import nn

from burnish.arrays import FloatArray
from burnish.generation.session import Seq2SeqSession

__all__ = ["Pair", "forced_logits", "largest_change", "largest_difference"]

Pair = tuple[Sequence[int], Sequence[int]]
"""A source's token ids, and what the decoder reads: the start token and the target's ids."""


def largest_difference(
    model: nn.Module, session: Seq2SeqSession, pairs: Iterable[Pair], *, threads: int = 1
) -> float:
    """The largest difference of any logit between torch and the graphs, by teacher forcing.

    Args:
        model: the model that was converted; it is put into ``eval`` mode.
        session: its graphs.
        pairs: source and decoder ids of each text.
        threads: how many texts are compared at once.

    Returns:
        infinity where a number is not finite.

    Raises:
        InputError: a source is too long for the model.
    """
    model.eval()
    with ThreadPoolExecutor(threads) as pool:
        return max(
            pool.map(
                lambda pair: _apart(_torch_logits(model, pair), forced_logits(session, *pair)),
                pairs,
            ),
            default=0.0,
        )


def largest_change(before: nn.Module, after: nn.Module, pairs: Iterable[Pair]) -> float:
    """The largest difference of any logit between two torch models; else as `largest_difference`.

    Args:
        before: a model in ``eval`` mode.
        after: another.
        pairs: source and decoder ids of each text.
    """
    return max(
        (_apart(_torch_logits(before, pair), _torch_logits(after, pair)) for pair in pairs),
        default=0.0,
    )


def forced_logits(
    session: Seq2SeqSession, source: Sequence[int], target: Sequence[int]
) -> FloatArray:
    """The logits after each token of a given text: (tokens of ``target``, vocabulary).

    Raises:
        InputError: the source is too long for the model.
    """
    decoding = session.begin(source)
    beam = np.zeros(1, np.int64)
    rows = [decoding.step(np.array([token]), beam)[0] for token in target]
    return np.stack(rows)


def _torch_logits(model: nn.Module, pair: Pair) -> FloatArray:
    source, target = pair
    with torch.inference_mode():
        output = model(
            input_ids=torch.tensor([list(source)]),
            decoder_input_ids=torch.tensor([list(target)]),
            use_cache=False,
        )
    logits: FloatArray = output.logits[0].numpy()
    return logits


def _apart(one: FloatArray, other: FloatArray) -> float:
    if one.shape != other.shape:
        return float("inf")
    apart = np.abs(one - other)
    return float(apart.max()) if np.isfinite(apart).all() else float("inf")
