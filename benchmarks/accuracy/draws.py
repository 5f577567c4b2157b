"""Draws of rows: what somebody with that many labelled rows would have.

A cut draw is so many rows of the set's training file, 15 % of them for validation; every contender
gets both files, and chooses on the second. Test rows are the same for every draw of a set.
"""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .sets import SHARED, LabelledSet

__all__ = ["VALIDATION", "Row", "draw", "read", "split", "taught"]

Row = dict[str, Any]

VALIDATION = 0.15
"""Of a cut draw's rows, at least two."""
TEST_ROWS = 1000
"""At most; the same for a set's every draw."""


def draw(labelled: LabelledSet, rows: int | None, seed: int, directory: Path) -> None:
    """Draw rows, the same for the same seed, and write them."""
    source = SHARED / labelled.name
    train, validation = read(source / "train.jsonl"), read(source / "validation.jsonl")
    if rows is not None:
        train, validation = split(train, rows, seed=seed, group=labelled.group)
        if labelled.group is None:
            train, validation = taught(train, validation, answer=labelled.answer)
    test = read(source / "test.jsonl")
    random.Random(0).shuffle(test)
    directory.mkdir(parents=True, exist_ok=True)
    parts = {"train": train, "validation": validation, "test": test[:TEST_ROWS]}
    for part, each in parts.items():
        lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in each)
        (directory / f"{part}.jsonl").write_text("".join(lines), encoding="utf-8")


def split(
    rows: Sequence[Row], count: int, *, seed: int, group: str | None
) -> tuple[list[Row], list[Row]]:
    """Draw so many rows, and part them; rows of a group are in one part, if groups are given.

    Groups are drawn in turn until there are enough rows, so that a draw has as few of them as
    somebody who labels document after document.
    """
    rng = random.Random(seed)
    held = max(2, round(count * VALIDATION))
    if group is None:
        drawn = rng.sample(list(rows), min(count, len(rows)))
        return drawn[held:], drawn[:held]
    by_group: dict[str, list[Row]] = {}
    for row in rows:
        by_group.setdefault(row[group], []).append(row)
    names = sorted(by_group)
    rng.shuffle(names)
    validation = _take(by_group, names, held, rng)
    return _take(by_group, names, count - held, rng), validation


def taught(
    train: Sequence[Row], validation: Sequence[Row], *, answer: str
) -> tuple[list[Row], list[Row]]:
    """The rows with those for training that have a label which no training row has.

    Nobody can learn it without them, and burnish refuses to choose on them.
    """
    known = {label for row in train for label in _labels(row[answer])}
    new = [row for row in validation if not known.issuperset(_labels(row[answer]))]
    return [*train, *new], [row for row in validation if row not in new]


def _labels(answer: Any) -> set[str]:
    if isinstance(answer, str):
        return {answer}
    return {each["label"] if isinstance(each, dict) else each for each in answer}


def _take(
    by_group: dict[str, list[Row]], names: list[str], count: int, rng: random.Random
) -> list[Row]:
    """So many rows of the first groups, which are removed from ``names``."""
    taken: list[Row] = []
    while names and len(taken) < count:
        some = by_group[names.pop()]
        taken += rng.sample(some, min(len(some), count - len(taken)))
    return taken


def read(path: Path) -> list[Row]:
    """The rows of a file of JSON lines."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
