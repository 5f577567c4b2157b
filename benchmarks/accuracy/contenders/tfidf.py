"""Words and pairs of words, weighted, and logistic regression: no neural network at all."""

from __future__ import annotations

from typing import Any

from given import Given, take_part
from linear import best_linear
from sklearn.feature_extraction.text import TfidfVectorizer


def answer(given: Given) -> tuple[list[Any], str]:
    """Answers for the test rows."""
    words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)
    words.fit([row["text"] for row in given.rows("train")])
    parts = ("train", "validation", "test")
    vectors = {part: words.transform(row["text"] for row in given.rows(part)) for part in parts}
    return best_linear(given, vectors)


if __name__ == "__main__":
    take_part(answer)
