"""Scores of sentences without training."""

from __future__ import annotations

import time

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics.pairwise import cosine_similarity

from burnish.tasks.ngrams import tokens
from burnish.training.tasks.summary.baselines import Centroid, lead, textrank

SENTENCES = [
    "The landlord sued the tenant for unpaid rent.",
    "The weather was fine.",
    "The tenant had not paid the rent to the landlord.",
    "The court ordered the tenant to pay the rent.",
    "***",
]


def test_lead_falls_from_the_first_to_the_last() -> None:
    assert lead(["a", "b", "c", "d"]).tolist() == [1.0, 0.75, 0.5, 0.25]
    assert lead([]).shape == (0,)


def test_textrank_is_the_stationary_distribution_of_the_whole_matrix() -> None:
    vectors = TfidfVectorizer(analyzer=tokens).fit_transform(SENTENCES)
    weights = cosine_similarity(vectors)
    np.fill_diagonal(weights, 0)
    weights[:, 4] = 1  # the sentence without words votes for all alike
    walk = 0.85 * weights / weights.sum(axis=0) + 0.15 / 5
    values, columns = np.linalg.eig(walk)
    rank = np.abs(columns[:, np.argmax(values.real)].real)
    assert textrank(SENTENCES) == pytest.approx(rank / rank.max(), abs=1e-6)


def test_textrank_prefers_what_others_repeat() -> None:
    scores = textrank(SENTENCES)
    assert scores.max() == 1
    assert scores[1] < min(scores[0], scores[2], scores[3])


@pytest.mark.parametrize("score", [lead, textrank, Centroid(["a b", "b c"])])
def test_every_document_gets_a_score_per_sentence(score) -> None:
    for sentences in ([], ["***"], ["one word"], ["a", "a"], ["a", "b"], ["...", "x y"]):
        found = score(sentences)
        assert found.shape == (len(sentences),)
        assert np.isfinite(found).all()
        assert ((found >= 0) & (found <= 1 + 1e-9)).all()


def test_the_centroid_weighs_words_by_their_rarity_in_training_documents() -> None:
    score = Centroid(["the rent"] * 3 + ["the"] * 6)
    found = score(["the the", "rent", "the rent"])
    the, rent = 1.0, np.log(10 / 4) + 1
    vectors = np.array([[2 * the, 0], [0, rent], [the, rent]])
    assert found == pytest.approx(cosine_similarity(vectors, vectors.sum(0)[None]).ravel())


def test_a_word_that_training_never_had_weighs_most() -> None:
    found = Centroid(["common"] * 50)(["common", "rare"])
    assert found[1] > found[0]


def test_a_document_of_5000_sentences_takes_seconds() -> None:
    rng = np.random.default_rng(0)
    sentences = [" ".join(map(str, row)) for row in rng.integers(0, 3000, size=(5000, 20))]
    begin = time.process_time()
    textrank(sentences)
    assert time.process_time() - begin < 20
