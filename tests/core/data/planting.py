"""Planting faults in the sample rows, and noting where they are to be found."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from burnish.data import read_rows, sample_path
from burnish.data.split_record import PartName

__all__ = ["Fault", "Make", "Planted", "Row", "at", "clean_rows", "insert", "plant", "write_files"]

Row = dict[str, Any]
_SAMPLES = {"classification": "tickets", "extraction": "notices", "qa": "handbook"}
_ROWS = 170
_HELD_OUT = 40


@dataclass
class Planted:
    """Rows by part, and what a check must say of them."""

    rows: dict[PartName, list[Any]]
    """A row is a dict, or a line as it is to stand there."""
    lines: list[int] = field(default_factory=list)
    part: PartName = "train"
    several: bool = False


Make = Callable[[random.Random, Planted], None]


@dataclass(frozen=True)
class Fault:
    """A way to spoil rows."""

    kind: str
    task: str
    make: Make
    group: str | None = None


def clean_rows(task: str) -> list[Row]:
    """A sample as native JSON rows, without those that are repeats."""
    rows: list[Row] = []
    for example in read_rows(sample_path(_SAMPLES[task]), task).examples:
        row: Row = {}
        for name in ("text", "context", "question"):
            if hasattr(example, name):
                row[name] = getattr(example, name)
        if task == "classification":
            row["label"] = example.labels[0]  # type: ignore[attr-defined]
        if task == "extraction":
            spans = example.entities  # type: ignore[attr-defined]
            row["entities"] = [{"start": s.start, "end": s.end, "label": s.label} for s in spans]
        if task == "qa":
            answers = example.answers  # type: ignore[attr-defined]
            row["answers"] = [{"text": a.text, "start": a.start} for a in answers]
        rows.append(row)
    return rows


def plant(fault: Fault, rows: list[Row], seed: int) -> Planted:
    """The rows with one fault of the kind, at places that the seed chooses."""
    rng = random.Random(seed)
    drawn = rng.sample(rows, _ROWS + _HELD_OUT) if fault.task != "qa" else list(rows)
    parts: dict[PartName, list[Any]] = {"train": deepcopy(drawn[:_ROWS])}
    if fault.task == "classification":
        parts["validation"] = deepcopy(drawn[_ROWS:])
    planted = Planted(parts)
    fault.make(rng, planted)
    return planted


def write_files(planted: Planted, folder: Path) -> dict[PartName, Path]:
    """One JSON Lines file a part."""
    files: dict[PartName, Path] = {}
    for part, rows in planted.rows.items():
        files[part] = folder / f"{part}.jsonl"
        lines = [each if isinstance(each, str) else json.dumps(each) for each in rows]
        files[part].write_text("\n".join(lines) + "\n", encoding="utf-8")
    return files


def at(rng: random.Random, planted: Planted, where: Callable[[Row], bool] = bool) -> int:
    """A row of train for which something holds; its line is noted."""
    rows = planted.rows["train"]
    index = rng.choice([i for i, row in enumerate(rows) if where(row)])
    planted.lines.append(index + 1)
    return index


def insert(rng: random.Random, planted: Planted, row: Any, *, after: int = 0) -> int:
    """Put a row somewhere behind another; its line is noted."""
    rows = planted.rows[planted.part]
    index = rng.randint(after + 1, len(rows))
    rows.insert(index, row)
    planted.lines.append(index + 1)
    return index
