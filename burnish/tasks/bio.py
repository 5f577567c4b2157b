"""The best valid BIO tag sequence of a text whose words may not be cut.

Tags are numbered ``O`` = 0, then ``B-x`` odd and ``I-x`` the even number after it.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["best_tags"]

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
    first = np.zeros(len(log_p), dtype=bool)
    first[starts] = True
    later = log_p.copy()
    later[:, 1::2] = log_p[:, 2::2]
    units = np.add.reduceat(np.where(first[:, None], log_p, later), starts, axis=0)
    tags = units.argmax(axis=1)
    if not _valid(tags):
        tags = _viterbi(units)
    spread = np.repeat(tags, np.diff(np.append(starts, len(log_p))))
    begins_inside = ~first & (spread % 2 == 1)
    return np.asarray(np.where(begins_inside, spread + 1, spread), dtype=np.int64)


def _valid(tags: TagArray) -> bool:
    before = np.concatenate([[0], tags[:-1]])
    inside = (tags > 0) & (tags % 2 == 0)
    return bool(np.all(~inside | (before == tags) | (before == tags - 1)))


def _viterbi(scores: ScoreArray) -> TagArray:
    steps, count = scores.shape
    back = np.zeros((steps, count), dtype=np.int64)
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
