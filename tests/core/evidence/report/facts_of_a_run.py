"""Facts of a run that nobody trained."""

from __future__ import annotations

from typing import Any

from burnish.evidence.report import Facts
from burnish.gates import judge
from burnish.recipe.recipe import parse_recipe
from burnish.run import RunRecord

__all__ = ["make_facts"]

_SCORE = {"value": 0.91, "low": 0.88, "high": 0.94}
_LABEL = {"precision": 0.9, "recall": 0.9, "f1": 0.9, "support": 40}


def _evaluation(value: float = 0.91) -> dict[str, Any]:
    score = {**_SCORE, "value": value}
    return {
        "rows": 80,
        "metrics": {"accuracy": score, "macro_f1": score, "micro_f1": score},
        "labels": {"a<b": _LABEL, "c & d": _LABEL},
        "confusion": [["a<b", "c & d", 4]],
    }


def make_facts(name: str = "tickets & more", **metrics: Any) -> Facts:
    """Of a classifier with two labels, whose names need escaping."""
    parts = {
        part: {"cut_from": "train", "rows": rows, "digest": "ab" * 32, "ids": []}
        for part, rows in (("train", 400), ("validation", 80), ("test", 80))
    }
    record = RunRecord.model_validate(
        {
            "burnish_version": "0.1.0",
            "created": "2026-01-01T00:00:00+00:00",
            "task": {"task": "classification", "labels": ["a<b", "c & d"]},
            "method": "lora",
            "pooling": "mean",
            "base_model": {
                "name": "minilm",
                "revision": None,
                "digest": "cd" * 32,
                "family": "bert",
            },
            "data": {"seed": 13, "files": {}, "parts": parts},
            "training": {
                "seed": 13,
                "threads": 2,
                "learning_rate": 1e-4,
                "head_learning_rate": 1e-4,
                "batch_size": 32,
                "gradient_accumulation": 1,
                "epochs": 5,
                "epochs_run": 4,
                "best_epoch": 2,
                "steps": 50,
                "parameters": 1000,
                "parameters_trained": 10,
                "wall_time_s": 12.5,
            },
            "packages": {"torch": "2.13.0"},
            "hardware": {
                "processor": "a processor",
                "cores": 2,
                "memory_gib": 8.0,
                "system": "Linux",
                "python": "3.11",
            },
            "notes": ["3 rows left out"],
            "files": {},
        }
    )
    document = {
        "task": "classification",
        "data": {"train": "rows.csv"},
        "method": "lora",
        "output": "runs/tickets",
    }
    found = {
        "validation": _evaluation(0.93),
        "test": _evaluation(),
        "baseline": {"name": "linear probe", "test": _evaluation(0.85)},
        "baselines": {"TF-IDF with logistic regression": {"test": _evaluation(0.8)}},
        "history": [
            {"epoch": 0, "score": 0.85, "train_score": 0.86, "loss": None},
            {"epoch": 1, "score": 0.93, "train_score": 0.97, "loss": 0.4},
        ],
        "train": {"rows": 400, "score": 0.97},
        "errors": {
            "part": "test",
            "rows": 80,
            "wrong": 4,
            "kinds": {},
            "mistakes": [{"row": "rows.csv:7", "true": "a<b", "predicted": "c & d", "score": 0.9}],
            "slices": [
                {"by": "label", "name": "a<b", "rows": 40, "score": 0.9, "low": 0.8, "high": 1.0}
            ],
        },
        "gates": [
            judge("training_rows", 400).model_dump(),
            judge("leaked_rows", 0.4).model_dump(),
        ],
        **metrics,
    }
    log = tuple({"step": n, "epoch": n / 25, "loss": 1 / n} for n in range(1, 51))
    return Facts(name, parse_recipe(document), record, found, log)
