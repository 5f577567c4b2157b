"""Labels in a tree against the same labels without it, on the shared data.

    python -m benchmarks.taxonomies emotions build/emotions --rows 2000 --judged 2000
    python -m benchmarks.taxonomies emotions build/lifted --rows 2000 --judged 2000 --lift 0.3
    python -m benchmarks.taxonomies bank build/bank --rows 3000 --lift 0.3

``emotions`` has several labels a text, in the tree that the data set brings; ``bank`` one of 77,
each under the first word of its name. ``--lift`` writes so many of the training and validation rows
with the parent of their label in its place, as people do who are not sure. Two models are trained
on the same rows: with the tree, and as labels that know of none (what is given then counts together
with all that it lies under). The test rows keep their labels. Prints each score, and the difference
with its 95 % interval by a paired bootstrap.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from burnish.data import read_rows
from burnish.recipe.recipe import parse_recipe
from burnish.run import Run
from burnish.tasks.tree import LabelTree
from burnish.training import train
from burnish.training.pipeline.train import answer_run

from .frozen_rows import SHARED

__all__ = ["SETS", "TreeSet", "by_first_word", "lifted", "main"]

Row = dict[str, Any]
_PARTS = ("train", "validation", "test")
_RESAMPLES = 2000


@dataclass(frozen=True)
class TreeSet:
    """A data set, and the tree of its labels."""

    name: str
    parents: Callable[[Path, Sequence[str]], dict[str, str | None]]
    """From its directory and its labels."""


def by_first_word(_: Path, labels: Sequence[str]) -> dict[str, str | None]:
    """Each label under the first word of its name, where others have the same."""
    words = [label.split("_")[0].casefold() for label in labels]
    return {
        label: f"{word} …" if words.count(word) > 1 else None
        for label, word in zip(labels, words, strict=True)
    }


def _of_emotions(directory: Path, _: Sequence[str]) -> dict[str, str | None]:
    known = json.loads((directory / "taxonomy.json").read_text(encoding="utf-8"))
    parents: dict[str, str | None] = {}
    for label, over in known.items():
        if over["sentiment"] == label:
            parents[label] = None
        else:
            parents |= {label: f"{over['ekman']} …", f"{over['ekman']} …": over["sentiment"]}
    return parents


SETS = {
    "emotions": TreeSet("goemotions", _of_emotions),
    "bank": TreeSet("banking77", by_first_word),
}


def lifted(rows: Sequence[Row], parents: Mapping[str, str | None], share: float) -> list[Row]:
    """The rows, a share of them with their labels' parents in the labels' place."""
    rng = random.Random(13)
    found = []
    for row in rows:
        over = rng.random() < share
        up = {label: (parents[label] or label) if over else label for label in _labels(row)}
        own = (
            {"label": up[row["label"]]} if "label" in row else {"labels": sorted(set(up.values()))}
        )
        found.append({**row, **own})
    return found


def _labels(row: Row) -> list[str]:
    return [row["label"]] if "label" in row else row["labels"]


def main(argv: Sequence[str] | None = None) -> None:
    """Write the rows, train both models, and print their scores on the test rows."""
    arguments = _parser().parse_args(argv)
    tree_set, place = SETS[arguments.set], arguments.directory
    source = SHARED / tree_set.name
    place.mkdir(parents=True, exist_ok=True)
    rows = {part: _read(source / f"{part}.jsonl") for part in _PARTS}
    labels = sorted({label for row in rows["train"] for label in _labels(row)})
    parents = tree_set.parents(source, labels)
    (place / "tree.json").write_text(json.dumps(parents), encoding="utf-8")
    for part in _PARTS:
        kept = rows[part][: arguments.rows if part == "train" else arguments.judged]
        kept = kept if part == "test" else lifted(kept, parents, arguments.lift)
        text = "".join(json.dumps(row) + "\n" for row in kept)
        (place / f"{part}.jsonl").write_text(text, encoding="utf-8")
    runs = {
        "with the tree": _train(place, "taxonomy", {"taxonomy": {"loss": arguments.loss}}),
        "without": _train(place, "classification", {}),
    }
    print(_compared(place / "test.jsonl", runs, LabelTree(parents)))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="benchmarks.taxonomies")
    parser.add_argument("set", choices=SETS)
    parser.add_argument("directory", type=Path, help="for rows and runs")
    parser.add_argument("--rows", type=int, default=10**9, help="of train, at most")
    parser.add_argument("--judged", type=int, default=10**9, help="of validation and of test")
    parser.add_argument("--lift", type=float, default=0.0, help="share of rows at inner labels")
    parser.add_argument("--loss", default="conditional", help="taxonomy.loss")
    return parser


def _read(path: Path) -> list[Row]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _train(place: Path, task: str, more: dict[str, Any]) -> Run:
    data = {part: str(place / f"{part}.jsonl") for part in _PARTS}
    if task == "taxonomy":
        data["taxonomy"] = str(place / "tree.json")
    document = {
        "task": task,
        "data": data,
        "train": {"seeds": 1, "threads": 1},
        "output": str(place / f"run-{task}"),
        **more,
    }
    return train(parse_recipe(document), replace=True, progress=False)


def _compared(test: Path, runs: Mapping[str, Run], whole: LabelTree) -> str:
    """A table of the models' scores, and the difference."""
    judge = runs["with the tree"].record.task
    lines, statistics = ["| | " + " | ".join(_SHOWN) + " |", "|---" * (len(_SHOWN) + 1) + "|"], []
    for name, run in runs.items():
        answered = answer_run(run, read_rows(test, run.record.task.task))
        rows = []
        for example, answer in zip(answered.examples, answered.predictions, strict=True):
            closed = np.array(whole.labels)[whole.closed(answer.labels)]
            given = _Given(tuple(closed.tolist()) if name == "without" else answer.labels)
            rows.append(judge.row_statistics(example, given))
        statistics.append(np.stack(rows))
        found = judge.score_of(statistics[-1])
        lines.append(f"| {name} | " + " | ".join(f"{float(found[m]):.3f}" for m in _SHOWN) + " |")
    rng, differences = np.random.default_rng(13), []
    for _ in range(_RESAMPLES):
        drawn = rng.integers(0, len(statistics[0]), len(statistics[0]))
        one, other = (judge.score_of(each[drawn])["hierarchical_f1"] for each in statistics)
        differences.append(float(one - other))
    low, high = np.quantile(differences, [0.025, 0.975])
    with_tree, without = (float(judge.score_of(each)["hierarchical_f1"]) for each in statistics)
    lines.append(
        f"\nhierarchical_f1: {with_tree - without:+.4f} ({low:+.4f} to {high:+.4f}) with the tree"
    )
    return "\n".join(lines)


_SHOWN = ("hierarchical_f1", "accuracy", "micro_f1", "level_1_f1", "error_distance", "inconsistent")


@dataclass(frozen=True)
class _Given:
    labels: tuple[str, ...]


if __name__ == "__main__":
    main()
