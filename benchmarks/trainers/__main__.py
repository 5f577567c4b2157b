"""Time to the same validation score: ``python -m benchmarks.trainers DATA``.

docs/lab/benchmarks.md tells of it. DATA is a folder with ``train.jsonl`` and ``validation.jsonl``.
burnish, a plain Hugging Face Trainer script, SetFit and simpletransformers learn the same rows with
the same model and threads, one after the other, in several rounds. The last two have environments
of their own in ``.cache/peers``. Prints a table, then one line of JSON.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Any

from benchmarks.peers.environments import ready_environment
from benchmarks.trainers.races import Score, Trainer, median_ratio, race
from burnish.torch_models.base import resolve_base

CACHE = Path(".cache/peers")
REQUIREMENTS = Path(__file__).parent / "requirements"
HERE = Path(sys.executable)
BURNISH = "burnish"
OURS = (
    Trainer(BURNISH, "train_burnish.py", HERE, {}),
    Trainer("Trainer", "train_plain.py", HERE, {}),
    Trainer("Trainer, padded to 128", "train_plain.py", HERE, {"padded": "yes"}),
)
PEERS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("setfit", "train_setfit.py", {"iterations": 5}),
    ("simpletransformers", "train_simpletransformers.py", {}),
)
NAMES = [*(one.name for one in OURS), *(name for name, _, _ in PEERS)]


def main(arguments: list[str]) -> None:
    """Race as the command line asks for."""
    given = _parser().parse_args(arguments)
    trainers = _trainers(given.trainer or NAMES)
    scores: dict[str, list[tuple[Score, ...]]] = defaultdict(list)
    with tempfile.TemporaryDirectory() as directory:
        task = _task(given, Path(directory))
        for number in range(given.rounds):
            for trainer in trainers:
                _note(f"round {number + 1}: {trainer.name}")
                scores[trainer.name].append(race(trainer, task))
                _note(_line(scores[trainer.name][-1]))
    _print(scores)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.trainers")
    parser.add_argument("data", type=Path)
    parser.add_argument("--task", choices=("classification", "extraction"), default=None)
    parser.add_argument("--rows", type=int, help="that many training rows, drawn at random")
    parser.add_argument("--rows-a-class", type=int, help="that many of each label")
    parser.add_argument("--held-out", type=int, default=1000, help="validation rows at most")
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--batch-size", type=int, default=32, help="burnish chooses its own")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--trainer", action="append", choices=NAMES, help="only this; repeatable")
    return parser


def _trainers(names: list[str]) -> list[Trainer]:
    chosen = [one for one in OURS if one.name in names]
    for name, script, options in PEERS:
        if name in names:
            found = ready_environment(
                name, CACHE.resolve(), _note, requirements=REQUIREMENTS / f"{name}.txt"
            )
            if found.failure is None:
                chosen.append(Trainer(name, script, found.python, options))
            else:
                _note(f"{name} is left out: {found.failure}")
    return chosen


def _task(given: argparse.Namespace, directory: Path) -> dict[str, Any]:
    """Write the rows that all learn; the keys that every script takes."""
    train = _rows(given.data / "train.jsonl")
    random.Random(13).shuffle(train)
    if given.rows_a_class:
        train = _some_of_each(train, given.rows_a_class)
    _write(train[: given.rows], directory / "train.jsonl")
    _write(_rows(given.data / "validation.jsonl")[: given.held_out], directory / "held_out.jsonl")
    return {
        "task": given.task or ("classification" if "label" in train[0] else "extraction"),
        "model": str(resolve_base("minilm", None).path),
        "train": str(directory / "train.jsonl"),
        "validation": str(directory / "held_out.jsonl"),
        "threads": given.threads,
        "epochs": given.epochs,
        "batch_size": given.batch_size,
    }


def _rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _write(rows: list[dict[str, Any]], path: Path) -> None:
    path.write_text("\n".join(map(json.dumps, rows)) + "\n", encoding="utf-8")


def _some_of_each(rows: list[dict[str, Any]], count: int) -> list[dict[str, Any]]:
    seen: dict[str, int] = defaultdict(int)
    kept = []
    for row in rows:
        seen[row["label"]] += 1
        if seen[row["label"]] <= count:
            kept.append(row)
    return kept


def _print(scores: dict[str, list[tuple[Score, ...]]]) -> None:
    ratios = {}
    for name, rounds in scores.items():
        print(name)
        for part in rounds:
            print(
                "  " + "  ".join(f"{s.score:.4f} at {s.cpu_s:.0f}/{s.wall_s:.0f} s" for s in part)
            )
        if name != BURNISH and BURNISH in scores:
            ratios[name] = median_ratio(scores[BURNISH], rounds)
    print("\ntime to the same score, by burnish's   score    CPU   wall")
    for name, ratio in ratios.items():
        print(f"{name:36} {ratio['score']:7.4f} {ratio['cpu']:6.2f} {ratio['wall']:6.2f}")
    print(json.dumps(ratios))


def _line(part: tuple[Score, ...]) -> str:
    return "  " + "  ".join(f"{s.score:.4f} at {s.cpu_s:.0f}/{s.wall_s:.0f} s" for s in part)


def _note(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
