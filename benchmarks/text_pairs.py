"""Pairs of texts made of the shared data: whether a plain summary is that of a contract clause.

    .venv/bin/python -m benchmarks.text_pairs build/clauses
    .venv/bin/burnish train build/clauses/pairs.yaml

Each clause stands once with its own summary and once with another clause's, drawn by the seed, in
the parts that the data set has. The gates of the run compare the model with the probe, with TF-IDF
and with the vectors of both texts.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from pathlib import Path

from .frozen_rows import SHARED

__all__ = ["main", "make_pairs"]

_RECIPE = """\
task: pairs
data: {train: train.jsonl, validation: validation.jsonl, test: test.jsonl}
train: {seeds: 1}
output: run
"""


def make_pairs(rows: list[dict[str, str]], *, seed: int = 13) -> list[dict[str, str]]:
    """Each clause with its own summary and with another clause's."""
    rng = random.Random(seed)
    pairs = []
    for row in rows:
        others = [
            each["summary"]
            for each in rows
            if each["text"] != row["text"] and each["summary"] != row["summary"]
        ]
        own, other = row["summary"], rng.choice(others)
        for summary, label in ((own, "its own"), (other, "another's")):
            pairs.append({"text": row["text"], "text_pair": summary, "label": label})
    rng.shuffle(pairs)
    return pairs


def main() -> int:
    """Write the rows and a recipe."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("output", type=Path, help="directory to write")
    output = parser.parse_args().output
    source = SHARED / "legal_plain_summaries"
    if not source.is_dir():
        print(f"skipped: there is no {source}; set BURNISH_SHARED_DATA", file=sys.stderr)
        return 0
    output.mkdir(parents=True, exist_ok=True)
    for part in ("train", "validation", "test"):
        lines = (source / f"{part}.jsonl").read_text(encoding="utf-8").splitlines()
        pairs = make_pairs([json.loads(line) for line in lines])
        text = "".join(json.dumps(pair, ensure_ascii=False) + "\n" for pair in pairs)
        (output / f"{part}.jsonl").write_text(text, encoding="utf-8")
    (output / "pairs.yaml").write_text(_RECIPE, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
