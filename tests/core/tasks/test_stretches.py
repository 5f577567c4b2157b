"""Stretches of a context: which ones score best, and the characters that they cover."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from burnish.tasks.qa.example import GoldAnswer
from burnish.tasks.qa.stretches import Stretch, answer_tokens, best_stretches, characters

PREFIX = 2


def encoding_of(*windows: tuple[int, int]) -> Any:
    """Windows over the tokens from one place to another, behind a question."""
    return SimpleNamespace(
        windows=[SimpleNamespace(start=a, stop=b, prefix=PREFIX) for a, b in windows]
    )


def logits(
    starts: list[float], ends: list[float], none: tuple[float, float] = (-50.0, -50.0)
) -> np.ndarray:
    """Of the first special token, the question, the context and the last special token."""
    rows = [none, (99.0, 99.0), *zip(starts, ends, strict=True), (99.0, 99.0)]
    return np.array(rows, dtype=np.float32)


def test_stretches_are_ranked_by_the_sum_of_start_and_end() -> None:
    found, none_score = best_stretches(
        encoding_of((0, 3)), [logits([1, 0, 3], [0, 2, 5], (-1.0, 0.5))], longest=2
    )
    assert found == [
        Stretch(8.0, 2, 2),
        Stretch(5.0, 1, 2),
        Stretch(3.0, 0, 1),
        Stretch(2.0, 1, 1),
        Stretch(1.0, 0, 0),
    ]
    assert none_score == -0.5


@pytest.mark.parametrize(
    ("longest", "best"), [(1, (4.0, 2, 2)), (2, (5.0, 1, 2)), (3, (8.0, 0, 2))]
)
def test_a_stretch_has_so_many_tokens_at_most(longest: int, best: tuple[float, int, int]) -> None:
    given = [logits([4, 1, 0], [0, 0, 4])]
    found, _ = best_stretches(encoding_of((0, 3)), given, longest=longest)
    assert Stretch(*best) in found
    assert all(each.start <= each.end < each.start + longest for each in found)


def test_a_stretch_in_two_windows_has_the_better_of_its_scores() -> None:
    encoding = encoding_of((0, 3), (2, 5))
    given = [logits([0, 0, 2], [0, 0, 2], (3, 1)), logits([5, 0, 1], [4, 0, 1], (1, -2))]
    found, none_score = best_stretches(encoding, given, longest=9)
    assert found[0] == Stretch(9.0, 2, 2)
    assert {(each.start, each.end) for each in found if each.end > 2} == {
        (2, 3),
        (2, 4),
        (3, 3),
        (3, 4),
        (4, 4),
    }
    assert len({(each.start, each.end) for each in found}) == len(found)
    assert none_score == -1.0  # the least over the windows


def test_twenty_stretches_are_kept() -> None:
    count = 30
    given = [logits(list(range(count)), list(range(count)))]
    found, _ = best_stretches(encoding_of((0, count)), given, longest=count)
    assert len(found) == 20
    assert found[0] == Stretch(58.0, 29, 29)
    assert [each.score for each in found] == sorted((e.score for e in found), reverse=True)
    # From 58 down, one, one, two, two, three, three, four and four stretches have a sum.
    assert found[-1].score == 51.0


def test_the_best_twenty_starts_and_ends_are_combined() -> None:
    """The best start stands last, the best ends stand before it: no pair of the best is allowed."""
    count = 41
    starts = [0.0] * 21 + [1.0] * 20
    ends = [1.0] * 20 + [0.0] * 21
    found, _ = best_stretches(encoding_of((0, count)), [logits(starts, ends)], longest=count)
    assert found == []
    ends[20] = 2.0
    starts[20] = 2.0
    found, _ = best_stretches(encoding_of((0, count)), [logits(starts, ends)], longest=count)
    assert found == [Stretch(4.0, 20, 20)]


OFFSETS = np.array([[0, 3], [4, 8], [9, 12], [12, 14]])


@pytest.mark.parametrize(
    ("start", "text", "tokens"),
    [
        (0, "the", (0, 0)),
        (4, "card", (1, 1)),
        (4, "card was", (1, 2)),
        (3, " card ", (1, 1)),  # touches its neighbours, and covers none of them
        (7, "d w", (1, 2)),
        (10, "aser", (2, 3)),
        (3, " ", None),
        (8, " ", None),
        (14, "beyond", None),
    ],
)
def test_the_tokens_of_an_answer_are_those_that_it_overlaps(
    start: int, text: str, tokens: tuple[int, int] | None
) -> None:
    assert answer_tokens(GoldAnswer(text, start), OFFSETS) == tokens


@pytest.mark.parametrize(
    ("stretch", "words"),
    [
        ((0, 0), "the"),
        ((1, 1), "card"),
        ((2, 2), "waser"),
        ((3, 3), "waser"),
        ((1, 2), "card waser"),
    ],
)
def test_a_stretch_is_widened_to_whole_words(stretch: tuple[int, int], words: str) -> None:
    context = "the card waser"
    encoding: Any = SimpleNamespace(offsets=OFFSETS, tokens=4)
    start, end = characters(context, encoding, np.array([0, 1, 2]), Stretch(0.0, *stretch))
    assert context[start:end] == words
