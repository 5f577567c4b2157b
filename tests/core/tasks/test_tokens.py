"""Tokens in arrays, and the pieces of a text joined."""

from __future__ import annotations

import numpy as np
import pytest

from burnish.tasks import tokens
from burnish.tasks.tokens import TextTokens, joined


def test_tokens_without_offsets_have_empty_ones() -> None:
    found = TextTokens.of([3, 1, 2])
    assert found.ids.tolist() == [3, 1, 2]
    assert (found.offsets.shape, found.words.shape) == ((0, 2), (0,))


def test_the_words_of_a_later_piece_go_on_from_those_before() -> None:
    one = TextTokens.of([7, 8, 9], [(0, 1), (1, 2), (2, 3)], [0, -1, 1])
    two = TextTokens.of([5, 6], [(3, 4), (4, 5)], [-1, 0])
    three = TextTokens.of([4], [(5, 6)], [0])
    found = joined([one, two, three])
    assert found.ids.tolist() == [7, 8, 9, 5, 6, 4]
    assert found.offsets.tolist() == [[0, 1], [1, 2], [2, 3], [3, 4], [4, 5], [5, 6]]
    assert found.words.tolist() == [0, -1, 1, -1, 2, 3]


def test_a_piece_without_words_leaves_the_count_as_it_is() -> None:
    pieces = [
        TextTokens.of([1], [(0, 1)], [4]),
        TextTokens.of([], [], []),
        TextTokens.of([2], [(1, 2)], [0]),
    ]
    assert joined(pieces).words.tolist() == [4, 5]


@pytest.mark.parametrize("count", [3, 4, 5, 8, 9])
def test_long_lists_become_the_same_arrays_in_parts(
    monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    monkeypatch.setattr(tokens, "_CHUNK", 4)
    found = TextTokens.of(range(count), [(n, n + 1) for n in range(count)], range(count))
    assert found.ids.tolist() == found.words.tolist() == list(range(count))
    assert found.offsets.tolist() == [[n, n + 1] for n in range(count)]
    assert found.offsets.dtype == np.int64
