"""The best valid BIO tag sequence of a text whose words may not be cut.

Tags are numbered ``O`` = 0, then ``B-x`` odd and ``I-x`` the even number after it.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["best_tags"]

_PART = 16_384
"""Units that are summed at once: copies of all scores of a long text would be large."""

ScoreArray = npt.NDArray[np.float64]
TagArray = npt.NDArray[np.int64]


def best_tags(log_p: ScoreArray, starts: TagArray) -> TagArray:
    """The most probable tags under two constraints.

    ``I-x`` follows only ``B-x`` or ``I-x`` (Viterbi 1967), and the tokens of a unit share one
    tag: all ``O``, all ``I-x``, or ``B-x`` with ``I-x`` after it.

    Args:
        log_p: (tokens, tags) log probabilities of each token's tags.
        starts: (units,) index of each unit's first token.

    Returns:
        (tokens,) tag numbers.
    """
    units = _units(log_p, starts)
    tags = units.argmax(axis=1)
    if not _valid(tags):
        tags = _viterbi(units)
    spread = np.repeat(tags, np.diff(np.append(starts, len(log_p))))
    first = np.zeros(len(log_p), dtype=bool)
    first[starts] = True
    begins_inside = ~first & (spread % 2 == 1)
    return np.asarray(np.where(begins_inside, spread + 1, spread), dtype=np.int64)


def _units(log_p: ScoreArray, starts: TagArray) -> ScoreArray:
    """(units, tags) log probabilities that all tokens of a unit share a tag; a part at a time."""
    units = np.empty((len(starts), log_p.shape[1]))
    ends = np.append(starts[1:], len(log_p))
    for begin in range(0, len(starts), _PART):
        part = slice(begin, begin + _PART)
        offset, end = starts[part][0], ends[part][-1]
        own, inner = log_p[offset:end], starts[part] - offset
        later = own.copy()
        later[:, 1::2] = own[:, 2::2]
        later[inner] = own[inner]
        units[part] = np.add.reduceat(later, inner, axis=0)
    return units


def _valid(tags: TagArray) -> bool:
    before = np.concatenate([[0], tags[:-1]])
    inside = (tags > 0) & (tags % 2 == 0)
    return bool(np.all(~inside | (before == tags) | (before == tags - 1)))


def _viterbi(scores: ScoreArray) -> TagArray:
    steps, count = scores.shape
    back = np.zeros((steps, count), dtype=np.int32)
    inside = np.arange(2, count, 2)
    best = scores[0].copy()
    best[inside] = -np.inf
    for step in range(1, steps):
        back[step] = best.argmax()
        reached = np.full(count, best.max())
        from_begin = best[inside - 1] >= best[inside]
        back[step, inside] = np.where(from_begin, inside - 1, inside)
        reached[inside] = np.maximum(best[inside - 1], best[inside])
        best = reached + scores[step]
    path = np.empty(steps, dtype=np.int64)
    path[-1] = best.argmax()
    for step in range(steps - 1, 0, -1):
        path[step - 1] = back[step, path[step]]
    return path
