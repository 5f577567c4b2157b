"""Pairs of texts made of the shared data: whether the second belongs to the first.

    .venv/bin/python -m benchmarks.text_pairs clauses build/clauses
    .venv/bin/burnish train build/clauses/pairs.yaml

``clauses`` asks whether a plain summary is that of a contract clause, and ``contexts`` whether a
context is the one that answers a question: each first text stands once with its own second text and
once with another's, drawn by the seed, in the parts that the data set has; of contexts it is one of
the same article. ``unanswerable`` has questions with the context that they were asked about, half
of which hold no answer. The gates of the run compare the model with the probe, with TF-IDF and with
a probe that reads the texts the other way.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .frozen_rows import SHARED

__all__ = ["SETS", "PairSet", "main", "make_pairs", "mark_answers"]

_RECIPE = """\
task: pairs
data: {train: train.jsonl, validation: validation.jsonl, test: test.jsonl}
train: {seeds: 1, max_length: 256}
output: run
"""
_PARTS = ("train", "validation", "test")

Row = dict[str, Any]


def make_pairs(
    rows: Sequence[Row], first: str, second: str, *, near: str | None = None, seed: int = 13
) -> list[dict[str, str]]:
    """Each row's first text with its own second text and with another's.

    Args:
        rows: hold both texts.
        first: name of the first one.
        second: name of the second one.
        near: what the other row has to have in common.
        seed: draws the other row and the order.
    """
    rng = random.Random(seed)
    pairs = []
    for row in rows:
        others = [
            each[second]
            for each in rows
            if each[first] != row[first]
            and each[second] != row[second]
            and (near is None or each[near] == row[near])
        ]
        own, other = row[second], rng.choice(others)
        for text, label in ((own, "its own"), (other, "another's")):
            pairs.append({"text": row[first], "text_pair": text, "label": label})
    rng.shuffle(pairs)
    return pairs


def mark_answers(rows: Sequence[Row]) -> list[dict[str, str]]:
    """Each question with its context, and whether that holds an answer."""
    return [
        {
            "text": row["question"],
            "text_pair": row["context"],
            "label": "has the answer" if row["answers"] else "has none",
        }
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class PairSet:
    """A set of pairs."""

    source: str
    """Name of the data set."""
    make: Callable[[Sequence[Row]], list[dict[str, str]]]
    most: tuple[int | None, int | None, int | None] = (None, None, None)
    """Rows of training, validation and test at most, drawn by the seed."""


SETS = {
    "clauses": PairSet("legal_plain_summaries", lambda rows: make_pairs(rows, "text", "summary")),
    "contexts": PairSet(
        "squad2_small",
        lambda rows: make_pairs(
            [row for row in rows if row["answers"]], "question", "context", near="title"
        ),
        most=(800, 200, None),
    ),
    "unanswerable": PairSet("squad2_small", mark_answers, most=(800, 200, None)),
}
"""By name."""


def main() -> int:
    """Write the rows and a recipe."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("name", choices=SETS, help="which pairs")
    parser.add_argument("output", type=Path, help="directory to write")
    arguments = parser.parse_args()
    chosen, output = SETS[arguments.name], arguments.output
    source = SHARED / chosen.source
    if not source.is_dir():
        print(f"skipped: there is no {source}; set BURNISH_SHARED_DATA", file=sys.stderr)
        return 0
    output.mkdir(parents=True, exist_ok=True)
    for part, most in zip(_PARTS, chosen.most, strict=True):
        lines = (source / f"{part}.jsonl").read_text(encoding="utf-8").splitlines()
        pairs = chosen.make([json.loads(line) for line in lines])
        if most is not None:
            pairs = random.Random(13).sample(pairs, min(most, len(pairs)))
        text = "".join(json.dumps(pair, ensure_ascii=False) + "\n" for pair in pairs)
        (output / f"{part}.jsonl").write_text(text, encoding="utf-8")
    (output / "pairs.yaml").write_text(_RECIPE, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
