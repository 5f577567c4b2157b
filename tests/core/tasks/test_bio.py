"""The decoder of tags is exact: it equals the best of all valid sequences."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from burnish.tasks.extraction import bio
from burnish.tasks.extraction.bio import best_tags


def valid(tags: tuple[int, ...]) -> bool:
    before = (0, *tags[:-1])
    return all(t == 0 or t % 2 or b in (t, t - 1) for b, t in zip(before, tags, strict=True))


@pytest.mark.parametrize("seed", range(40))
def test_tags_equal_the_best_of_all_valid_sequences(seed: int) -> None:
    rng = np.random.default_rng(seed)
    log_p = rng.normal(scale=2, size=(6, 5))
    every = [t for t in itertools.product(range(5), repeat=6) if valid(t)]
    best = max(every, key=lambda tags: log_p[np.arange(6), tags].sum())
    assert best_tags(log_p, np.arange(6)).tolist() == list(best)


@pytest.mark.parametrize("seed", range(20))
def test_a_unit_is_never_cut(seed: int) -> None:
    rng = np.random.default_rng(seed)
    starts = np.array([0, 2, 3, 6])
    tags = best_tags(rng.normal(scale=3, size=(8, 5)), starts).tolist()
    for begin, end in [(0, 2), (2, 3), (3, 6), (6, 8)]:
        first, *rest = tags[begin:end]
        assert all(tag == (first + 1 if first % 2 else first) for tag in rest)
    assert valid(tuple(tags))


@pytest.mark.parametrize("seed", range(20))
def test_units_of_several_tokens_have_the_best_of_all_valid_sequences(seed: int) -> None:
    rng = np.random.default_rng(seed)
    log_p, starts = rng.normal(scale=2, size=(7, 5)), np.array([0, 2, 3, 6])
    best, score = [], -np.inf
    for units in itertools.product(range(5), repeat=4):
        tags: list[int] = []
        for tag, count in zip(units, (2, 1, 3, 1), strict=True):
            tags += [tag, *[tag + 1 if tag % 2 else tag] * (count - 1)]
        total = log_p[np.arange(7), tags].sum()
        if valid(tuple(tags)) and total > score:
            best, score = tags, total
    assert best_tags(log_p, starts).tolist() == best


def test_tags_that_go_on_are_kept_as_they_are_most_probable() -> None:
    log_p = np.full((4, 5), -9.0)
    log_p[np.arange(4), [1, 2, 2, 3]] = 0.0
    assert best_tags(log_p, np.arange(4)).tolist() == [1, 2, 2, 3]


def test_a_tag_that_goes_on_from_nothing_is_put_right_at_the_least_cost() -> None:
    log_p = np.full((3, 5), -9.0)
    log_p[0] = [0.0, -3.0, -1.0, -9.0, -9.0]
    log_p[1] = [-9.0, -2.0, 0.0, -9.0, -9.0]
    log_p[2] = [0.0, -9.0, -9.0, -9.0, -9.0]
    # O B O costs 2, B I O 3; O I O is not valid.
    assert best_tags(log_p, np.arange(3)).tolist() == [0, 1, 0]
    # Inside one type to inside another is not valid either.
    log_p[0], log_p[1] = [-9, 0, -9, -9, -9], [-9, -9, -9, -2, 0]
    assert best_tags(log_p, np.arange(3)).tolist() == [1, 3, 0]


@pytest.mark.parametrize("part", [1, 2, 3])
def test_units_are_summed_alike_in_parts_of_any_size(
    monkeypatch: pytest.MonkeyPatch, part: int
) -> None:
    rng = np.random.default_rng(7)
    log_p, starts = rng.normal(scale=2, size=(12, 5)), np.array([0, 2, 3, 6, 7, 11])
    whole = bio._units(log_p, starts)
    monkeypatch.setattr(bio, "_PART", part)
    assert bio._units(log_p, starts) == pytest.approx(whole)
