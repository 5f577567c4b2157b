"""Does choosing what to label beat drawing it? A simulation.

``python -m benchmarks.suggesting [SET …]`` begins with some labelled rows of a set, labels a
batch four times, chosen as ``burnish suggest`` does or drawn at random, and scores a classifier on
the frozen encoder on the test file after each. Prints a table a set, then one line of JSON.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from benchmarks.frozen_rows import FrozenRows, frozen_rows
from burnish.data.selection import pick_rows, uncertainty
from burnish.training.diagnostics.linear import LinearClassifier, fit_linear

SEEDS, ROUNDS, POOL, STRENGTH = 4, 4, 3000, 0.1
SETS = {"banking77": (154, 100), "vetclaims_roles": (100, 50)}
"""Rows to begin with, and rows a batch."""

Choose = Callable[[FrozenRows, LinearClassifier, int], list[int]]


def chosen(pool: FrozenRows, model: LinearClassifier, count: int) -> list[int]:
    """As ``burnish suggest --train`` chooses."""
    doubts = uncertainty(model.probabilities(pool.vectors), multi_label=False)
    return pick_rows(pool.vectors, doubts, count=count)


def drawn(pool: FrozenRows, model: LinearClassifier, count: int) -> list[int]:
    """The first of a pool in random order."""
    return list(range(count))


def simulate(train: FrozenRows, test: FrozenRows, choose: Choose, *, begin: int, batch: int,
             seed: int) -> list[float]:  # fmt: skip
    """Test accuracy at the begin and after each round."""
    order = np.random.default_rng(seed).permutation(len(train.vectors)).tolist()
    known, free = order[:begin], order[begin : begin + POOL]
    scores = []
    for left in range(ROUNDS, -1, -1):
        rows = train.of(known)
        model = fit_linear(rows.vectors, rows.targets, multi_label=False, strength=STRENGTH)
        scores.append(_accuracy(model, test))
        if left:
            picked = choose(train.of(free), model, batch)
            known = [*known, *(free[index] for index in picked)]
            gone = set(picked)
            free = [row for index, row in enumerate(free) if index not in gone]
    return scores


def main(names: list[str]) -> None:
    """Run the sets that the command line names, else all."""
    results: dict[str, dict[str, list[float]]] = {}
    for name in names or SETS:
        begin, batch = SETS[name]
        train, test = frozen_rows(name)
        sizes = [begin + batch * done for done in range(ROUNDS + 1)]
        print(f"{name}: accuracy with {sizes} labelled rows, mean of {SEEDS} seeds")
        results[name] = {}
        for label, choose in (("drawn", drawn), ("chosen", chosen)):
            runs = [
                simulate(train, test, choose, begin=begin, batch=batch, seed=seed)
                for seed in range(SEEDS)
            ]
            results[name][label] = np.mean(runs, axis=0).round(4).tolist()
            print(f"  {label:<6} {results[name][label]}", flush=True)
    print(json.dumps(results))


def _accuracy(model: LinearClassifier, test: FrozenRows) -> float:
    found: npt.NDArray[np.int64] = model.probabilities(test.vectors).argmax(1)
    return float((found == test.targets.argmax(1)).mean())


if __name__ == "__main__":
    main(sys.argv[1:])
