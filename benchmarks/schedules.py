"""Schedules compared: scores and forgetting of several ways to tune, over several seeds.

::

    .venv/bin/python -m benchmarks.schedules ../shared/data/medical_abstracts \\
        --words 80 --seeds 13,14,15 --way plain --way "ulmfit train.layer_decay=2.6 …"

A way is a name and overrides of the recipe. Prints a row a run as it ends, then the means.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from burnish.recipe.recipe import load_recipe
from burnish.training import train

_COLUMNS = ("way", "seed", "validation", "test", "CKA", "cosine", "best epoch", "s")
_PARTS = ("train", "validation", "test")


def main(argv: Sequence[str] | None = None) -> None:
    """Train every way with every seed, the seeds outermost, so that a run cut short compares."""
    arguments = _parser().parse_args(argv)
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        recipe = _recipe(directory, arguments)
        print(f"| {' | '.join(_COLUMNS)} |\n{'|---' * len(_COLUMNS)}|", flush=True)
        rows: list[tuple[Any, ...]] = []
        for seed in map(int, arguments.seeds.split(",")):
            for way in arguments.way:
                rows.append(_run(recipe, way, seed=seed))
                print(_line(rows[-1]), flush=True)
    for way in dict.fromkeys(row[0] for row in rows):
        own = [row for row in rows if row[0] == way]
        means = [statistics.mean(row[i] for row in own) for i in range(2, len(_COLUMNS))]
        print(_line((f"**{way}**, mean", len(own), *means)), flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="benchmarks.schedules")
    parser.add_argument("data", type=Path, help="a directory with train, validation, test.jsonl")
    parser.add_argument("--task", default="classification")
    parser.add_argument("--words", type=int, help="of each text, the rest is cut off")
    parser.add_argument("--rows", type=int, help="of train, the first ones of each label in turn")
    parser.add_argument("--seeds", default="13,14,15")
    parser.add_argument("--way", action="append", required=True, help="NAME key=value ...")
    return parser


def _recipe(directory: Path, arguments: argparse.Namespace) -> Path:
    """The cut data and a recipe that reads them."""
    for part in _PARTS:
        lines = (arguments.data / f"{part}.jsonl").read_text(encoding="utf-8").splitlines()
        rows = [_cut(json.loads(line), arguments.words) for line in lines]
        chosen = _first(rows, arguments.rows if part == "train" else None)
        text = "".join(json.dumps(row) + "\n" for row in chosen)
        (directory / f"{part}.jsonl").write_text(text, encoding="utf-8")
    document = {
        "task": arguments.task,
        "data": {part: f"{part}.jsonl" for part in _PARTS},
        "train": {"threads": 1, "seeds": 1},
        "output": "run",
    }
    (directory / "recipe.yaml").write_text(yaml.safe_dump(document))
    return directory / "recipe.yaml"


def _cut(row: dict[str, Any], words: int | None) -> dict[str, Any]:
    return row if words is None else {**row, "text": " ".join(row["text"].split()[:words])}


def _first(rows: list[dict[str, Any]], count: int | None) -> list[dict[str, Any]]:
    """As many rows, label by label in turn."""
    if count is None:
        return rows
    seen: dict[str, int] = {}
    ranked = []
    for index, row in enumerate(rows):
        label = str(row.get("label"))
        seen[label] = seen.get(label, 0) + 1
        ranked.append((seen[label], index))
    return [rows[index] for _, index in sorted(ranked)[:count]]


def _run(recipe: Path, way: str, *, seed: int) -> tuple[Any, ...]:
    name, *overrides = way.split()
    begin = time.process_time()
    run = train(load_recipe(recipe, [*overrides, f"train.seed={seed}"]), replace=True)
    metric = run.record.task.main_metric
    scores = [run.metrics[part]["metrics"][metric]["value"] for part in ("validation", "test")]
    lost = run.metrics["forgetting"]
    best = run.record.training.best_epoch
    return (name, seed, *scores, lost["cka"], lost["cosine"], best, time.process_time() - begin)


def _line(row: Sequence[Any]) -> str:
    cells = [f"{cell:.3f}" if isinstance(cell, float) else str(cell) for cell in row]
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    main()
