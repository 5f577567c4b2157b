"""A few rows a class: what the frozen probe and tuning methods reach with them, over seeds.

::

    .venv/bin/python -m benchmarks.few_shot DATA --rows 8 --seeds 13,14,15 --method setfit

DATA is a directory with ``train``, ``validation`` and ``test.jsonl`` of one label a text. Training
rows, and as many validation rows as ``--validation`` says, are drawn by seed, so many a class. A
method is a name, perhaps with overrides of the recipe behind it. Prints a row a run as it ends,
then a line of JSON.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from burnish.recipe.recipe import parse_recipe
from burnish.training import train

__all__ = ["draw_rows", "main"]

_COLUMNS = (
    "method",
    "rows a class",
    "seed",
    "probe, validation",
    "probe, test",
    "validation",
    "test",
    "best epoch",
    "wall s",
    "processor s",
)


def draw_rows(rows: Sequence[dict[str, str]], count: int, *, seed: int) -> list[dict[str, str]]:
    """At most ``count`` rows of every label, the same for the same seed."""
    rng = random.Random(seed)
    drawn = []
    for label in sorted({row["label"] for row in rows}):
        of_label = [row for row in rows if row["label"] == label]
        rng.shuffle(of_label)
        drawn += of_label[:count]
    return drawn


def main(argv: Sequence[str] | None = None) -> None:
    """Train every method on every draw, the seeds outermost, so that a run cut short compares."""
    arguments = _parser().parse_args(argv)
    print(f"| {' | '.join(_COLUMNS)} |\n{'|---' * len(_COLUMNS)}|", flush=True)
    results = []
    with tempfile.TemporaryDirectory() as name:
        for seed in map(int, arguments.seeds.split(",")):
            for rows in map(int, arguments.rows.split(",")):
                files = _write(Path(name), arguments, rows=rows, seed=seed)
                for method in arguments.method:
                    results.append(_run(files, method, rows=rows, seed=seed))
                    print(f"| {' | '.join(map(str, results[-1].values()))} |", flush=True)
    print(json.dumps(results))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="benchmarks.few_shot")
    parser.add_argument("data", type=Path, help="a directory with train, validation, test.jsonl")
    parser.add_argument("--rows", default="8", help="of train, a class; several with commas")
    parser.add_argument("--validation", type=int, default=8, help="rows of validation, a class")
    parser.add_argument("--test", type=int, default=10**9, help="rows of test, a class, at most")
    parser.add_argument("--seeds", default="13,14,15")
    parser.add_argument("--method", action="append", required=True, help="NAME [key=value ...]")
    return parser


def _write(
    directory: Path, arguments: argparse.Namespace, *, rows: int, seed: int
) -> dict[str, str]:
    counts = {"train": rows, "validation": arguments.validation, "test": arguments.test}
    files = {}
    for part, count in counts.items():
        lines = (arguments.data / f"{part}.jsonl").read_text(encoding="utf-8").splitlines()
        drawn = draw_rows([json.loads(line) for line in lines], count, seed=seed)
        path = directory / f"{part}.jsonl"
        path.write_text("".join(json.dumps(row) + "\n" for row in drawn), encoding="utf-8")
        files[part] = str(path)
    return files


def _run(files: dict[str, str], method: str, *, rows: int, seed: int) -> dict[str, Any]:
    name, *overrides = method.split()
    document: dict[str, Any] = {
        "task": "classification",
        "method": name,
        "data": files,
        "train": {"seed": seed, "seeds": 1, "threads": 1},
        "output": str(Path(files["train"]).parent / "run"),
    }
    for override in overrides:
        section, _, rest = override.partition(".")
        key, _, value = rest.partition("=")
        document.setdefault(section, {})[key] = json.loads(value) if value[:1].isdigit() else value
    wall, processor = time.monotonic(), time.process_time()
    run = train(parse_recipe(document), replace=True, progress=False)
    wall, processor = time.monotonic() - wall, time.process_time() - processor
    baseline = run.metrics["baseline"]
    figures = [
        _accuracy(part) for metrics in (baseline, run.metrics) for part in _parts_of(metrics)
    ]
    best = run.record.training.best_epoch
    values = (method, rows, seed, *figures, best, round(wall), round(processor))
    return dict(zip(_COLUMNS, values, strict=True))


def _parts_of(metrics: dict[str, Any]) -> tuple[Any, Any]:
    return metrics["validation"], metrics["test"]


def _accuracy(part: dict[str, Any]) -> float:
    return round(float(part["metrics"]["accuracy"]["value"]), 4)


if __name__ == "__main__":
    main()
