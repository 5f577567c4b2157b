"""What a search may not write, or must: the logits processors of transformers, in their order.

Each changes an array of scores (beams, vocabulary) in place. With the same settings the scores are
those of ``generate``, so that the same tokens win.
"""

from __future__ import annotations

import numpy as np

from burnish.arrays import FloatArray, IntArray
from burnish.generation.settings import GenerationSettings

__all__ = ["constrain"]


def constrain(scores: FloatArray, written: IntArray, settings: GenerationSettings) -> None:
    """Apply every constraint of the settings to the scores of the next token.

    Args:
        scores: (beams, vocabulary); logits in greedy search, log probabilities in beam search.
        written: (beams, length), what each beam has so far, with the start token.
        settings: the constraints.
    """
    length = written.shape[1]
    new = length - 1
    if settings.repetition_penalty != 1:
        _penalize_repetition(scores, written, settings.repetition_penalty)
    if settings.no_repeat_ngram_size:
        _forbid_repeated_ngrams(scores, written, settings.no_repeat_ngram_size)
    for word in settings.bad_words:
        _forbid_word(scores, written, word, settings.end_ids)
    if new < settings.min_length:
        scores[:, list(settings.end_ids)] = -np.inf
    if settings.forced_start_id is not None and length == 1:
        _force(scores, (settings.forced_start_id,))
    if settings.forced_end_ids and new == settings.max_length - 1:
        _force(scores, settings.forced_end_ids)
    if settings.suppressed:
        scores[:, list(settings.suppressed)] = -np.inf


def _penalize_repetition(scores: FloatArray, written: IntArray, penalty: float) -> None:
    factor = np.float32(penalty)
    known = np.take_along_axis(scores, written, axis=1)
    changed = np.where(known < 0, known * factor, known / factor)
    np.put_along_axis(scores, written, changed, axis=1)


def _forbid_repeated_ngrams(scores: FloatArray, written: IntArray, size: int) -> None:
    length = written.shape[1]
    if length < size:
        return
    windows = np.lib.stride_tricks.sliding_window_view(written, size, axis=1)
    begun = written[:, None, length + 1 - size :]
    beams, places = np.nonzero((windows[..., :-1] == begun).all(axis=-1))
    scores[beams, windows[beams, places, -1]] = -np.inf


def _forbid_word(
    scores: FloatArray, written: IntArray, word: tuple[int, ...], ends: tuple[int, ...]
) -> None:
    *begun, last = word
    if not begun:
        if last not in ends:  # transformers never forbids the end
            scores[:, last] = -np.inf
    elif len(begun) <= written.shape[1]:
        scores[(written[:, -len(begun) :] == begun).all(axis=1), last] = -np.inf


def _force(scores: FloatArray, tokens: tuple[int, ...]) -> None:
    scores[:] = -np.inf
    scores[:, list(tokens)] = 0
