"""Selection: which rows to label next, by how unsure a model is and how far apart they lie.

Of the rows that a model is least sure of (uncertainty sampling by margin, Settles 2009), five times
as many as are wanted, those are picked that lie furthest apart (k-centre, Sener and Savarese 2018),
each distance weighted by the uncertainty. Greedy, and deterministic.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from burnish.arrays import FloatArray

__all__ = ["hashed_vectors", "pick_rows", "uncertainty"]


_SHORTLIST = 5
_WIDTH = 512
_RUN = 4


def pick_rows(vectors: FloatArray, weights: npt.NDArray[np.float64], *, count: int) -> list[int]:
    """Indices of the rows to label next, the most useful first.

    Args:
        vectors: (rows, dimensions) any scale; compared by cosine.
        weights: (rows,) uncertainty, 0 or more.
        count: how many, at most.
    """
    short = np.argsort(-weights, kind="stable")[: _SHORTLIST * count]
    rows, doubt = _unit(vectors[short]), weights[short]
    nearest = np.full(len(rows), 2.0)  # further than any two can be
    free = np.ones(len(rows), dtype=bool)
    picked: list[int] = []
    while len(picked) < min(count, len(rows)):
        best = int(np.where(free, doubt * np.maximum(nearest, 0), -1.0).argmax())
        picked.append(int(short[best]))
        free[best] = False
        nearest = np.minimum(nearest, 1 - rows @ rows[best])
    return picked


def uncertainty(probabilities: FloatArray, *, multi_label: bool) -> npt.NDArray[np.float64]:
    """(rows,) from 0 to 1: one minus the margin of the two best labels.

    With several labels, how near the most doubtful one lies to one half.
    """
    values = probabilities.astype(np.float64)
    if multi_label:
        return np.asarray(1 - np.abs(2 * values - 1).min(1))
    if values.shape[1] < 2:
        return np.ones(len(values))
    best = np.sort(values, axis=1)[:, -2:]
    return np.asarray(1 - (best[:, 1] - best[:, 0]))


def hashed_vectors(texts: Sequence[str]) -> FloatArray:
    """(texts, 512) counts of runs of four characters, hashed: likeness without an encoder."""
    vectors = np.zeros((len(texts), _WIDTH), dtype=np.float32)
    for row, text in enumerate(texts):
        plain = f" {' '.join(text.casefold().split())} "
        for start in range(max(1, len(plain) - _RUN + 1)):
            run = plain[start : start + _RUN].encode("utf-8", "surrogatepass")
            digest = hashlib.blake2b(run, digest_size=4).digest()
            vectors[row, int.from_bytes(digest, "big") % _WIDTH] += 1
    return np.sqrt(vectors)


def _unit(vectors: FloatArray) -> FloatArray:
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: FloatArray = vectors / np.maximum(norms, 1e-9)
    return unit
