"""Counts in bounded memory: exact where all words fit, and else wrong by no more than is said."""

from __future__ import annotations

import random
import tracemalloc
from collections import Counter

import pytest

from burnish.training.diagnostics.word_counts import Word, WordCounts


def stream(words: int, *, seed: int = 5) -> list[Word]:
    """Words as texts have them: a few are frequent, most are rare."""
    rng = random.Random(seed)
    texts = (f"w{int(rng.paretovariate(0.4)) % 10**7}" for _ in range(words))
    return [(text, text) for text in texts]


def counted(words: list[Word], *, most_bytes: int) -> tuple[WordCounts, Counter[Word]]:
    """The counts, and what was dropped on the way."""
    gone: Counter[Word] = Counter()

    def drop(word: Word, count: int) -> None:
        gone[word] += count

    counts = WordCounts(drop, most_bytes=most_bytes)
    for word in words:
        counts.add(word)
    return counts, gone


def test_counts_are_exact_where_all_words_fit() -> None:
    words = stream(20_000)
    counts, gone = counted(words, most_bytes=10**8)
    assert dict(counts.items()) == Counter(words)
    assert counts.different == len(set(words)) > 1000
    assert (counts.uncounted, gone) == (0, Counter())


@pytest.mark.parametrize("most_bytes", [3_000, 30_000, 300_000])
def test_no_count_is_further_off_than_is_said(most_bytes) -> None:
    words = stream(20_000)
    true = Counter(words)
    counts, gone = counted(words, most_bytes=most_bytes)
    kept = dict(counts.items())
    assert 0 < len(kept) < len(true)
    assert counts.uncounted > 0
    for word, times in true.items():
        assert 0 <= times - kept.get(word, 0) <= counts.uncounted
    assert sum(kept.values()) + sum(gone.values()) == len(words), "every word was counted once"


def test_frequent_words_are_never_dropped() -> None:
    words = stream(20_000)
    counts, _ = counted(words, most_bytes=30_000)
    frequent = [word for word, times in Counter(words).items() if times > counts.uncounted]
    assert len(frequent) > 3
    assert {word for word, _ in counts.items()} >= set(frequent)


def test_different_words_are_estimated_when_some_were_dropped() -> None:
    words = [(f"w{n}", f"w{n}") for n in range(60_000)]
    counts, _ = counted([*words, *reversed(words)], most_bytes=300_000)
    assert counts.different == pytest.approx(60_000, rel=0.03)
    few = [(f"w{n}", f"w{n}") for n in range(3_000)] * 2
    assert counted(few, most_bytes=30_000)[0].different == 3_000


def test_memory_does_not_grow_with_the_words() -> None:
    counts = WordCounts(lambda word, count: None, most_bytes=2**20)
    tracemalloc.start()
    try:
        for n in range(60_000):
            counts.add((f"word {n}", f"{n} word"))
        for n in range(50):
            counts.add((f"{n}" * 100_000, f"{n}"))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 8 * 2**20  # all of them need 27 MiB


def test_a_word_larger_than_the_table_is_counted_and_dropped() -> None:
    counts, gone = counted([("x" * 5000, "x")], most_bytes=1000)
    assert not counts.items()
    assert gone == {("x" * 5000, "x"): 1}
