"""Scores of a document's sentences without any training: what a summary's model has to beat."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer
from sklearn.preprocessing import normalize

from burnish.arrays import DoubleArray
from burnish.tasks.ngrams import tokens
from burnish.tasks.sentences import split_sentences

__all__ = ["Centroid", "first_sentences", "lead", "textrank"]

_DAMPING = 0.85
_PRECISION = 1e-8
_MOST_STEPS = 200
"""0.85 to the 200th power is 1e-14."""


def lead(sentences: Sequence[str]) -> DoubleArray:
    """(sentences,) from 1 for the first sentence down: the first ones summarize news best."""
    return 1 - np.arange(len(sentences)) / max(len(sentences), 1)


def first_sentences(text: str, count: int) -> str:
    """The first sentences of a document, as a summary that needs no model.

    Args:
        text: the document.
        count: how many sentences at most.
    """
    return " ".join(text[start:end] for start, end in split_sentences(text)[:count])


def textrank(sentences: Sequence[str]) -> DoubleArray:
    """TextRank (Mihalcea & Tarau 2004, https://aclanthology.org/W04-3252), at most 1.

    PageRank, where a sentence votes for others in proportion to the cosine of their TF-IDF vectors.
    The inverse frequencies are those among the document's own sentences. The matrix of all pairs is
    never made, so that the time grows with the words and not with the square of the sentences.

    Returns:
        (sentences,), the greatest 1; without any word, all the same.
    """
    count = len(sentences)
    counts = _counts(sentences)
    if counts is None:
        return np.ones(count)
    vectors = TfidfTransformer().fit_transform(counts[0])
    itself = np.asarray(vectors.multiply(vectors).sum(axis=1)).ravel()

    def votes(weights: DoubleArray) -> DoubleArray:
        received = vectors @ (vectors.T @ weights) - itself * weights
        return np.maximum(np.asarray(received, dtype=np.float64), 0.0)

    given = votes(np.ones(count))
    alone = given <= _PRECISION
    rank = np.full(count, 1 / count)
    for _ in range(_MOST_STEPS):
        passed = votes(np.where(alone, 0.0, rank / np.where(alone, 1.0, given)))
        new = (1 - _DAMPING) / count + _DAMPING * (passed + rank[alone].sum() / count)
        if np.abs(new - rank).sum() < _PRECISION:
            break
        rank = new
    return np.asarray(new / new.max(), dtype=np.float64)


class Centroid:
    """Cosine to the document's centroid (Radev et al. 2004, https://doi.org/10.1016/j.ipm.2003.10.006).

    The inverse document frequencies are those of training documents.
    """

    def __init__(self, documents: Iterable[str]) -> None:
        """Count in how many documents each word is.

        Args:
            documents: the training part's.
        """
        found: Counter[str] = Counter()
        self._documents = 0
        for document in documents:
            found.update(set(tokens(document)))
            self._documents += 1
        self._found = found

    def __call__(self, sentences: Sequence[str]) -> DoubleArray:
        """(sentences,) from 0 to 1."""
        counts = _counts(sentences)
        if counts is None:
            return np.zeros(len(sentences))
        rarities = np.array([self._rarity(word) for word in counts[1]])
        vectors = counts[0].multiply(rarities).tocsr()
        centroid = normalize(np.asarray(vectors.sum(axis=0)).reshape(1, -1))
        cosines = normalize(vectors) @ centroid.ravel()
        return np.asarray(cosines, dtype=np.float64)

    def _rarity(self, word: str) -> float:
        """Smoothed as scikit-learn does: as if one more document had every word."""
        return math.log((1 + self._documents) / (1 + self._found[word])) + 1


def _counts(sentences: Sequence[str]) -> tuple[Any, Sequence[str]] | None:
    """(sentences, words) counts, sparse, and the words; None: there is no word."""
    if not any(map(tokens, sentences)):
        return None
    vectorizer = CountVectorizer(analyzer=tokens, dtype=np.float64)
    counts = vectorizer.fit_transform(sentences)
    return counts, vectorizer.get_feature_names_out()
