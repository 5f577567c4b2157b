"""Which texts are nearly the same: the share of runs of four characters that both have."""

from __future__ import annotations

import pytest

from burnish.data.checks.shingles import near_pairs

LONG = "".join(map(chr, range(0x4E00, 0x4E00 + 103)))
"""103 different characters: 100 runs of four, no two of them the same."""


def beginning(runs: int) -> str:
    """So many of these runs, and no other."""
    return LONG[: runs + 3]


@pytest.mark.parametrize(("runs", "found"), [(99, True), (81, True), (80, True), (79, False)])
def test_texts_are_nearly_the_same_from_eight_tenths_on(runs: int, found: bool) -> None:
    pairs = near_pairs([LONG, beginning(runs)], groups=["a", "a"])
    assert [(each.later, each.earlier, each.similarity) for each in pairs] == (
        [(1, 0, runs / 100)] if found else []
    )


def test_a_lower_similarity_finds_what_the_usual_one_leaves_out() -> None:
    (pair,) = near_pairs([LONG, beginning(79)], groups=["a", "a"], similarity=0.79)
    assert pair.similarity == 0.79
    assert near_pairs([LONG, beginning(78)], groups=["a", "a"], similarity=0.79) == []


@pytest.mark.parametrize(("runs", "found"), [(20, 1), (19, 0)])
def test_a_text_of_fewer_than_twenty_runs_resembles_nothing(runs: int, found: int) -> None:
    assert len(near_pairs([beginning(runs)] * 2, groups=["a", "a"])) == found


def test_a_text_is_compared_with_the_first_like_it_in_each_group() -> None:
    pairs = near_pairs([LONG, beginning(90), LONG, beginning(95)], groups=["a", "b", "a", "b"])
    found = {(each.later, each.earlier): each.similarity for each in pairs}
    assert found[2, 0] == 1.0
    assert found[3, 0] == 0.95
    assert found[3, 1] == pytest.approx(90 / 95)
    assert (3, 2) not in found
