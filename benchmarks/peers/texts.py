"""The texts that every subject is asked: neutral sentences of exact numbers of tokens."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import cycle, islice

import numpy as np

from burnish.bench.texts import inputs_of_length
from burnish.tasks import ClassificationTask, TextEncoder

__all__ = ["LONG", "SHORT", "check_texts", "workload_texts"]

SHORT, LONG = 16, 256
MEDIAN_TOKENS, SPREAD = 32, 0.7
"""A lognormal: a mean of some 41 tokens, as people's messages have."""
FEWEST = 6
CHECK_TOKENS = (8, 12, 16, 24, 32, 48, 64, 96, 128, 256)
SEED = 13


def workload_texts(
    task: ClassificationTask, encoder: TextEncoder, workload: str, *, count: int, longest: int
) -> list[str]:
    """Texts of a workload, the same in every run.

    Args:
        task: the model's.
        encoder: its tokenizer.
        workload: ``short``, ``long`` or ``mixed``.
        count: how many.
        longest: tokens of a long text, and of the longest mixed one.
    """
    if workload != "mixed":
        tokens = SHORT if workload == "short" else longest
        return list(islice(cycle(_of_length(task, encoder, tokens, count=8)), count))
    drawn = np.random.default_rng(SEED).lognormal(np.log(MEDIAN_TOKENS), SPREAD, count)
    lengths = [round(n) for n in np.clip(drawn, FEWEST, longest)]
    return [_of_length(task, encoder, tokens, count=1)[0] for tokens in lengths]


def check_texts(task: ClassificationTask, encoder: TextEncoder, *, longest: int) -> list[str]:
    """Twenty texts of ten lengths, for which all must answer alike."""
    lengths = [min(tokens, longest) for tokens in CHECK_TOKENS]
    return [text for n in lengths for text in _of_length(task, encoder, n, count=2)]


def _of_length(
    task: ClassificationTask, encoder: TextEncoder, tokens: int, *, count: int
) -> Sequence[str]:
    return [str(given) for given in inputs_of_length(task, encoder, tokens, count=count)]
