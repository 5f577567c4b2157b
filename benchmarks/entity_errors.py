"""Are planted errors of entities found? ``python -m benchmarks.entity_errors [SET …]``.

Of 3 % of a set's entities every second one is removed, and the others are given another type (all
are removed where there is one type). Prints a line a set: how many of them that were read are
among the doubts of ``burnish check``, and how many doubts there are; then one line of JSON, the
processor time in it. Wrong labels that the set had before count as false alarms.
"""

from __future__ import annotations

import json
import random
import sys
import time
from collections.abc import Sequence
from dataclasses import replace

from benchmarks.frozen_rows import SHARED
from burnish.data import read_rows
from burnish.tasks.extraction.example import ExtractionExample, Span
from burnish.torch_models.base import resolve_base
from burnish.training.tasks.extraction.entity_errors import (
    DoubtedEntity,
    doubted_entities,
    held_out_types,
)
from burnish.training.tasks.extraction.token_rows import read_token_rows

SETS = ("ncbi_disease", "wnut17")
SHARE = 0.03
SEED = 1

Planted = dict[tuple[int, int, int], str]
"""What was done, by row, start and end."""


def main(names: Sequence[str]) -> None:
    """Run the sets that the command line names, else both."""
    results = {name: _measure(name) for name in names or SETS}
    print(json.dumps(results))


def _measure(name: str) -> dict[str, float]:
    rows = read_rows(SHARED / name / "train.jsonl", "extraction")
    examples, planted = plant([e for e in rows.examples if isinstance(e, ExtractionExample)])
    begin = time.process_time()
    read = read_token_rows(resolve_base("minilm", None), examples, deep=True)
    embedded = time.process_time()
    known = held_out_types(read.tokens, read.types, labels=len(read.labels), groups=read.groups)
    doubts = doubted_entities(
        known, read.tokens, read.types, examples=read.examples, labels=read.labels
    )
    done = time.process_time()
    place_of = {place: row for row, place in enumerate(read.places)}
    there = {(place_of[r], s, e): what for (r, s, e), what in planted.items() if r in place_of}
    return _score(name, doubts, there) | {
        "rows": len(read.examples),
        "read_cpu_s": round(embedded - begin, 1),
        "doubt_cpu_s": round(done - embedded, 1),
    }


def plant(
    examples: list[ExtractionExample], *, seed: int = SEED
) -> tuple[list[ExtractionExample], Planted]:
    """The rows with errors, and where those are."""
    rng = random.Random(seed)
    types = sorted({entity.label for each in examples for entity in each.entities})
    places = [(row, entity) for row, each in enumerate(examples) for entity in each.entities]
    spoilt, planted = list(examples), Planted()
    for number, (row, entity) in enumerate(rng.sample(places, round(SHARE * len(places)))):
        others = [label for label in types if label != entity.label]
        mend: list[Span] = []
        if others and number % 2:
            mend = [replace(entity, label=rng.choice(others))]
        rest = [each for each in spoilt[row].entities if each != entity]
        entities = tuple(sorted([*rest, *mend], key=lambda span: span.start))
        spoilt[row] = replace(spoilt[row], entities=entities)
        planted[row, entity.start, entity.end] = "type" if mend else "removed"
    return spoilt, planted


def _score(name: str, doubts: Sequence[DoubtedEntity], planted: Planted) -> dict[str, float]:
    hits = [_hit(doubt, planted) for doubt in doubts]
    found = {hit for hit in hits if hit}
    precise = sum(hit is not None for hit in hits) / max(1, len(hits))
    top = [hit for hit, doubt in zip(hits, doubts, strict=True) if doubt.seen]
    print(f"{name}: {len(found)} of {len(planted)} planted errors among {len(doubts)} doubts")
    for kind in sorted(set(planted.values())):
        of = sum(what == kind for what in planted.values())
        print(f"  {kind}: {sum(planted[hit] == kind for hit in found)} of {of}")
    return {
        "planted": len(planted),
        "doubts": len(doubts),
        "precision": round(precise, 3),
        "recall": round(len(found) / max(1, len(planted)), 3),
        "seen_doubts": len(top),
        "seen_precision": round(sum(hit is not None for hit in top) / max(1, len(top)), 3),
    }


def _hit(doubt: DoubtedEntity, planted: Planted) -> tuple[int, int, int] | None:
    """The planted error that a doubt points at: words in common, and the right kind of error."""
    for (row, start, end), what in planted.items():
        overlaps = row == doubt.row and start < doubt.end and end > doubt.start
        if overlaps and (what == "removed") == (not doubt.given):
            return row, start, end
    return None


if __name__ == "__main__":
    main(sys.argv[1:])
