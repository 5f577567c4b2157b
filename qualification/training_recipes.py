"""Tiny trainings of every kind, with a checkpoint after each step."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

from burnish.data.sample_files import sample_path
from tests.tiny import tiny_base

__all__ = ["write_recipes"]

_TICKETS = {"refund": "my card was late money {}", "delivery": "where is the parcel order {}"}
_TRAIN = {
    "epochs": 3,
    "batch_size": 4,
    "max_length": 64,
    "stride": 16,
    "threads": 1,
    "seeds": 1,
    "learning_rate": 1e-3,
    "checkpoint_minutes": 0,
}


def write_recipes(folder: Path) -> list[Path]:
    """A classifier with adapters and two seeds, question answering with practice, extraction."""
    base = tiny_base(folder / "base", checkpoint="mlm", pooling="mean")
    lines = sample_path("handbook").read_text(encoding="utf-8").splitlines()[:24]
    tickets = [
        {"text": text.format(n), "label": label}
        for n in range(24)
        for label, text in _TICKETS.items()
    ]
    rows = {
        "tickets": [json.dumps(row) for row in tickets],
        "handbook": lines,
        "places": [json.dumps(_place(n)) for n in range(40)],
    }
    for name, content in rows.items():
        (folder / f"{name}.jsonl").write_text("\n".join(content), encoding="utf-8")
    window: dict[str, Any] = {"max_length": 128, "stride": 32}
    return [
        _write(folder, base, "tickets", "classification", method="lora", seeds=2, epochs=2),
        _write(
            folder,
            base,
            "handbook",
            "qa",
            synthetic_questions=1.0,
            batch_size=16,
            epochs=2,
            **window,
        ),
        _write(folder, base, "places", "extraction"),
    ]


def _write(
    folder: Path, base: Path, name: str, task: str, *, method: str = "full", **train: Any
) -> Path:
    recipe = {
        "task": task,
        "base_model": str(base),
        "method": method,
        "data": {"train": f"{name}.jsonl", "validation": 0.2, "test": 0.2},
        "train": {**_TRAIN, **train},
        "gates": {"learned": {"severity": "record", "reason": "a tiny model learns little"}},
        "output": name,
    }
    path = folder / f"{name}.yaml"
    path.write_text(yaml.safe_dump(recipe), encoding="utf-8")
    return path


def _place(number: int) -> dict[str, Any]:
    name, city = ("anna", "ben")[number % 2], ("london", "paris")[number // 2 % 2]
    text = f"{name} lives in {city} {number}"
    start = text.index(city)
    spans = [(0, len(name), "person"), (start, start + len(city), "place")]
    return {
        "text": text,
        "entities": [{"start": s, "end": e, "label": label} for s, e, label in spans],
    }
