"""Stretches of a context: those that may answer a question, and the characters that they cover."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from burnish.arrays import FloatArray
from burnish.tasks.qa.example import GoldAnswer
from burnish.tasks.units import snap_to_graphemes
from burnish.tasks.windows import Encoding, Window

__all__ = ["Stretch", "answer_tokens", "best_stretches", "characters"]

_CANDIDATES = 20
"""Best starts and best ends of a window that are combined, as in the BERT paper's run_squad."""


@dataclass(frozen=True, slots=True, order=True)
class Stretch:
    """Tokens of a context, first and last, and the sum of their start and end logits."""

    score: float
    start: int
    end: int


def best_stretches(
    encoding: Encoding, logits: Sequence[FloatArray], *, longest: int
) -> tuple[list[Stretch], float]:
    """The best stretches over all windows, best first, and the score of "no answer".

    Args:
        encoding: of a question and its context.
        logits: (tokens, 2) of each window.
        longest: tokens that a stretch has at most.
    """
    found: dict[tuple[int, int], float] = {}
    for window, array in zip(encoding.windows, logits, strict=True):
        for each in _of_window(window, array.astype(np.float64), longest=longest):
            key = (each.start, each.end)
            found[key] = max(each.score, found.get(key, -np.inf))
    ranked = sorted((Stretch(s, *key) for key, s in found.items()), key=lambda each: -each.score)
    none_score = min(float(array[0, 0]) + float(array[0, 1]) for array in logits)
    return ranked[:_CANDIDATES], none_score


def _of_window(
    window: Window, logits: npt.NDArray[np.float64], *, longest: int
) -> Iterator[Stretch]:
    count = window.stop - window.start
    text = logits[window.prefix : window.prefix + count]
    starts = np.argsort(-text[:, 0], kind="stable")[:_CANDIDATES]
    ends = np.argsort(-text[:, 1], kind="stable")[:_CANDIDATES]
    width = ends[None, :] - starts[:, None]
    allowed = (width >= 0) & (width < longest)
    scores = np.where(allowed, text[starts, 0][:, None] + text[ends, 1][None, :], -np.inf)
    for flat in np.argsort(-scores, axis=None, kind="stable")[:_CANDIDATES].tolist():
        i, j = divmod(flat, len(ends))
        if allowed[i, j]:
            yield Stretch(
                float(scores[i, j]), int(starts[i]) + window.start, int(ends[j]) + window.start
            )


def answer_tokens(answer: GoldAnswer, offsets: npt.NDArray[np.int64]) -> tuple[int, int] | None:
    """The first and the last token of an answer; None where none lies in it.

    Args:
        answer: with its place in the context.
        offsets: (tokens, 2) start and end of each token of the context.
    """
    inside = np.flatnonzero(
        (offsets[:, 0] < answer.start + len(answer.text)) & (offsets[:, 1] > answer.start)
    )
    return (int(inside[0]), int(inside[-1])) if len(inside) else None


def characters(
    context: str, encoding: Encoding, units: npt.NDArray[np.int64], stretch: Stretch
) -> tuple[int, int]:
    """A stretch's offsets in the context, widened to whole words.

    Args:
        context: the text.
        encoding: of it.
        units: tokens at which a word begins (`unit_starts`).
        stretch: of its tokens.
    """
    begin = units[np.searchsorted(units, stretch.start, side="right") - 1]
    after = np.searchsorted(units, stretch.end, side="right")
    last = units[after] - 1 if after < len(units) else encoding.tokens - 1
    return snap_to_graphemes(
        context, int(encoding.offsets[begin, 0]), int(encoding.offsets[last, 1])
    )
