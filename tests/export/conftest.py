"""Tiny runs of every task, trained once for all tests of this folder."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, Literal

import pytest
import torch

from burnish.export import Budgets
from burnish.export.int8 import graph
from burnish.recipe.recipe import parse_recipe
from burnish.training import train
from tests.tiny import tiny_base

MakeRun = Callable[..., Path]

FILLERS = ["please", "thanks", "where", "when", "who", "in", "at", "the"]


@pytest.fixture(scope="session", autouse=True)
def _one_thread():
    torch.set_num_threads(1)


@pytest.fixture(autouse=True)
def _small_matrices_count(monkeypatch):
    """The tiny models' matrices are below what is worth quantizing."""
    monkeypatch.setattr(graph, "_MIN_ELEMENTS", 512)


@pytest.fixture
def impossible() -> Budgets:
    """Budgets that nothing keeps to, be it as good as fp32: a user cannot ask for such."""
    budgets = Budgets()
    object.__setattr__(budgets, "agreement", 1.01)
    return budgets


@pytest.fixture(scope="session")
def make_run(tmp_path_factory: pytest.TempPathFactory) -> MakeRun:
    """A run directory; the same one for the same arguments."""

    @cache
    def make(
        task: str = "classification",
        method: str = "full",
        *,
        family: str = "bert",
        pooling: str = "auto",
        declared: Literal["mean", "cls"] | None = None,
    ) -> Path:
        place = tmp_path_factory.mktemp("run")
        base = tiny_base(place / "base", family, checkpoint="mlm", pooling=declared)
        rows = place / "rows.jsonl"
        rows.write_text("\n".join(json.dumps(row) for row in ROWS[task]()), encoding="utf-8")
        data: dict[str, Any] = {"train": str(rows), "validation": 0.25, "test": 0.2}
        if task in TREES:
            tree = place / "tree.json"
            tree.write_text(json.dumps(TREES[task]), encoding="utf-8")
            data["taxonomy"] = str(tree)
        recipe = parse_recipe(
            {
                "task": task,
                "base_model": str(base),
                "method": method,
                "pooling": pooling,
                "data": data,
                "train": {"epochs": 2, "max_length": 64, "stride": 16, "threads": 1, "seeds": 1},
                "gates": {
                    "learned": {"severity": "record", "reason": "a tiny model learns little"}
                },  # two epochs teach a tiny model little
                "output": str(place / "run"),
            }
        )
        return train(recipe, progress=False).path

    return make


def classification_rows() -> list[dict[str, Any]]:
    rng = random.Random(1)
    money, parcel = ["refund", "money", "card", "invoice"], ["parcel", "late", "order", "broken"]
    return [
        {
            "text": f"my {rng.choice((money, parcel)[i % 2])} is {rng.choice(['late', 'not'])} "
            + " ".join(rng.choices(FILLERS, k=9))
            + (" please wait for the order" * 14 if i % 9 == 0 else ""),
            "label": ("money", "parcel")[i % 2],
        }
        for i in range(60)
    ]


def extraction_rows() -> list[dict[str, Any]]:
    rng = random.Random(2)
    rows = []
    for _ in range(60):
        person, city = rng.choice(["anna", "ben"]), rng.choice(["london", "paris"])
        text = f"{person} lives in {city} the {rng.choice(['card', 'order', 'parcel'])} was late "
        text += " ".join(rng.choices(FILLERS, k=rng.randint(2, 6)))
        start = text.index(city)
        entities = [
            {"start": 0, "end": len(person), "label": "PER"},
            {"start": start, "end": start + len(city), "label": "LOC"},
        ]
        rows.append({"text": text, "entities": entities})
    return rows


def qa_rows() -> list[dict[str, Any]]:
    rng = random.Random(3)
    rows = []
    for i in range(60):
        person, city = rng.choice(["anna", "ben"]), rng.choice(["london", "paris"])
        context = f"{person} lives in {city}. the {rng.choice(['card', 'order'])} is late. " * (
            6 if i % 9 == 0 else 2
        )
        answers = [{"text": city, "start": context.index(city)}] if i % 3 else []
        question = f"where is {person if i % 3 else 'my card'}"
        rows.append({"context": context.strip(), "question": question, "answers": answers})
    return rows


def pairs_rows() -> list[dict[str, Any]]:
    rng = random.Random(4)
    rows = []
    for i in range(60):
        first, other = rng.sample(["card", "order", "parcel"], 2)
        second = first if i % 2 else other
        more = " ".join(rng.choices(FILLERS, k=30 if i % 9 == 0 else 3))
        text_pair = f"the {second} was late {more}"
        label = "alike" if i % 2 else "unlike"
        rows.append({"text": f"my {first} was late", "text_pair": text_pair, "label": label})
    return rows


def regression_rows() -> list[dict[str, Any]]:
    rng = random.Random(5)
    rows = []
    for i in range(60):
        times = rng.randint(0, 6) if i % 9 else 12
        more = " ".join(rng.choices(FILLERS, k=2))
        rows.append({"text": f"my card {more}" + " was late" * times, "score": 10.0 + times})
    return rows


def summary_rows() -> list[dict[str, Any]]:
    rng = random.Random(6)
    rows = []
    for i in range(60):
        key = f"My {rng.choice(['card', 'order', 'parcel'])} was late."
        others = [" ".join(rng.choices(FILLERS, k=k)).capitalize() + "." for k in (2, 3, 5, 6, 8)]
        others.insert(i % 6, key)
        rows.append({"text": " ".join(others), "summary": [key]})
    return rows


def translation_rows() -> list[dict[str, Any]]:
    """Word for word, in another order."""
    rng = random.Random(7)
    rows = []
    for i in range(60):
        words = rng.choices(["card", "order", "parcel", *FILLERS], k=rng.randint(2, 6))
        source = " ".join(words) + (" please wait for the order" * 14 if i % 9 == 0 else "")
        rows.append({"source": source, "target": " ".join(reversed(words))})
    return rows


def taxonomy_rows() -> list[dict[str, Any]]:
    """Those of a classification, every eighth at the inner label."""
    return [
        {**row, "label": "service" if at % 8 == 0 else row["label"]}
        for at, row in enumerate(classification_rows())
    ]


TREES = {"taxonomy": {"money": "service", "parcel": "service"}}
ROWS = {
    "classification": classification_rows,
    "extraction": extraction_rows,
    "qa": qa_rows,
    "pairs": pairs_rows,
    "regression": regression_rows,
    "summary": summary_rows,
    "taxonomy": taxonomy_rows,
    "translation": translation_rows,
}
