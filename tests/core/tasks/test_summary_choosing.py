"""Chosen sentences: the best, none twice, and never more than asked for."""

from __future__ import annotations

import time

import numpy as np
import pytest
from pydantic import ValidationError

from burnish.tasks.summary.choosing import Length, choose

SENTENCES = [
    "The court allows the appeal.",
    "The court allows the appeal today.",
    "Costs are borne by the defendant.",
    "***",
    "Done.",
]
SCORES = np.array([0.9, 0.8, 0.5, 1.0, 0.1], dtype=np.float32)


def chosen(length: Length, diversity: float = 0.0, scores=SCORES) -> list[int]:
    return choose(scores, SENTENCES, length=length, diversity=diversity)


def test_the_best_are_given_in_the_documents_order() -> None:
    scores = np.array([0.1, 0.9, 0.2, 0.0, 0.8])
    assert chosen(Length(sentences=3), scores=scores) == [1, 2, 4]


def test_a_repetition_loses_against_something_new() -> None:
    assert chosen(Length(sentences=2)) == [0, 1]
    assert chosen(Length(sentences=2), diversity=0.5) == [0, 2]


def test_the_overlap_is_the_share_of_distinct_words() -> None:
    # Of the second, 4 of 5 distinct words are in the first; of the third 1 of 6 (the).
    # Equal where 0.8 (1 - d) - 0.8 d = 0.5 (1 - d) - d / 6, which is d = 0.3 / (0.3 + 19 / 30).
    even = 0.3 / (0.3 + 19 / 30)
    assert chosen(Length(sentences=2), diversity=even - 0.01) == [0, 1]
    assert chosen(Length(sentences=2), diversity=even + 0.01) == [0, 2]


def test_the_overlap_is_the_largest_with_any_of_the_chosen() -> None:
    sentences = ["a b", "c d", "a b c d", "a e"]
    scores = np.array([1.0, 0.9, 0.3, 0.3])
    # Half of each of the last two is in one chosen sentence: the earlier is taken.
    assert choose(scores, sentences, length=Length(sentences=3), diversity=0.4) == [0, 1, 2]
    scores[3] = 0.31
    assert choose(scores, sentences, length=Length(sentences=3), diversity=0.4) == [0, 1, 3]


def test_of_equals_the_earlier_is_chosen() -> None:
    assert chosen(Length(sentences=2), scores=np.full(5, 0.5)) == [0, 1]


@pytest.mark.parametrize(
    ("words", "places"),
    [
        (1, [4]),
        (4, [4]),
        (5, [0]),
        (6, [0, 4]),
        (11, [0, 1]),
        (12, [0, 1, 4]),
        (18, [0, 1, 2, 4]),
    ],
)
def test_a_sentence_that_would_pass_the_limit_is_skipped(words: int, places: list[int]) -> None:
    assert chosen(Length(words=words)) == places


def test_a_ratio_is_of_the_documents_words() -> None:
    assert chosen(Length(ratio=1.0)) == [0, 1, 2, 4]
    assert chosen(Length(ratio=11 / 18 + 1e-6)) == [0, 1]
    assert chosen(Length(ratio=11 / 18 - 1e-3)) == [0, 4]


def test_there_is_always_a_sentence() -> None:
    assert choose(SCORES[:3], SENTENCES[:3], length=Length(words=1)) == [0]
    assert choose(SCORES[:3], SENTENCES[:3], length=Length(ratio=0.001)) == [0]
    assert choose(np.array([0.2, 0.3]), ["***", "---"], length=Length(words=3)) == [0, 1]
    assert choose(np.zeros(0), [], length=Length(words=1)) == []


@pytest.mark.parametrize(
    "given",
    [
        *({}, {"words": 5, "ratio": 0.1}, {"words": 0}, {"sentences": 0}),
        *({"ratio": 0}, {"ratio": 1.1}, {"pages": 1}),
    ],
)
def test_a_length_is_one_possible_limit(given: dict[str, float]) -> None:
    with pytest.raises(ValidationError):
        Length.model_validate(given)


def test_wrong_arguments_are_refused() -> None:
    with pytest.raises(ValueError, match="5 sentences"):
        chosen(Length(sentences=1), scores=SCORES[:4])
    with pytest.raises(ValueError, match="from 0 to 1"):
        chosen(Length(sentences=1), diversity=1.5)


def test_a_third_of_ten_thousand_sentences_takes_seconds() -> None:
    rng = np.random.default_rng(0)
    words = rng.zipf(1.3, size=(10_000, 20)) % 5000
    sentences = [" ".join(map(str, row)) for row in words]
    begin = time.process_time()
    choose(rng.random(10_000), sentences, length=Length(ratio=0.3), diversity=0.3)
    assert time.process_time() - begin < 20
