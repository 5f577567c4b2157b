"""How far the graphs' logits are from the model's, at every step of writing given texts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import torch
from transformers import PreTrainedModel

from burnish.arrays import FloatArray
from burnish.generation.session import Seq2SeqSession

__all__ = ["forced_logits", "largest_difference"]

Pair = tuple[Sequence[int], Sequence[int]]
"""A source's token ids, and what the decoder reads: the start token and the target's ids."""


def largest_difference(
    model: PreTrainedModel, session: Seq2SeqSession, pairs: Iterable[Pair]
) -> float:
    """The largest difference of any logit between torch and the graphs, by teacher forcing.

    Args:
        model: the model that was converted; it is put into ``eval`` mode.
        session: its graphs.
        pairs: source and decoder ids of each text.

    Raises:
        InputError: a source is too long for the model.
    """
    model.eval()  # type: ignore[no-untyped-call]
    largest = 0.0
    for source, target in pairs:
        with torch.inference_mode():
            output = model(
                input_ids=torch.tensor([list(source)]),
                decoder_input_ids=torch.tensor([list(target)]),
                use_cache=False,
            )
        theirs = output.logits[0].numpy()
        largest = max(largest, float(np.abs(forced_logits(session, source, target) - theirs).max()))
    return largest


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
