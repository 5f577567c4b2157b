"""The decoder of tags is exact: it equals the best of all valid sequences."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from burnish.tasks.bio import best_tags


def valid(tags: tuple[int, ...]) -> bool:
    before = (0, *tags[:-1])
    return all(t == 0 or t % 2 or b in (t, t - 1) for b, t in zip(before, tags, strict=True))


@pytest.mark.parametrize("seed", range(40))
def test_it_equals_the_best_of_all_valid_sequences(seed: int) -> None:
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
