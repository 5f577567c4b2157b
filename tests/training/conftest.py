"""Rows and recipes for trainings of a second."""

from __future__ import annotations

import json
import os
import random
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from burnish.recipe.recipe import Recipe, parse_recipe
from burnish.training.loop.loop import TrainingLoop
from tests.tiny import tiny_base

_TASKS = {
    "one": "classification",
    "several": "classification",
    "path": "taxonomy",
    "branches": "taxonomy",
}
"""The task of each kind that is not called as its task."""
_NOUNS = ("refund", "money", "card", "parcel", "password", "login", "account", "invoice")

MakeRecipe = Callable[..., Recipe]
Interrupt = Callable[..., None]


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def bert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_base(tmp_path_factory.mktemp("base") / "bert", checkpoint="mlm", pooling="mean")


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A JSON Lines file a kind of task."""
    directory = tmp_path_factory.mktemp("rows")
    kinds = {
        "one": _one_label,
        "several": _several,
        "extraction": _entities,
        "qa": _questions,
        "pairs": _pairs,
        "regression": _scores,
        "summary": _summary,
        "path": _path,
        "branches": _branches,
        "translation": _translation,
    }
    paths = {}
    for name, make in kinds.items():
        rng = random.Random(7)
        paths[name] = directory / f"{name}.jsonl"
        lines = [json.dumps(make(rng, index)) for index in range(60)]
        paths[name].write_text("\n".join(lines))
    paths["tree"] = directory / "tree.csv"
    paths["tree"].write_text("child,parent\nmoney,service\nparcel,service\nhello,\n")
    return paths


@pytest.fixture
def make_recipe(bert: Path, files: dict[str, Path], tmp_path: Path) -> MakeRecipe:
    """A recipe: ``make_recipe("one", method="lora", train={"epochs": 1})``."""

    def make(kind: str, *, data: Any = None, train: Any = None, **keys: Any) -> Recipe:
        tree = {"taxonomy": str(files["tree"])} if _TASKS.get(kind) == "taxonomy" else {}
        parts = {"train": str(files[kind]), "validation": 0.25, "test": 0.2, **tree}
        document = {
            "task": _TASKS.get(kind, kind),
            "base_model": str(bert),
            "data": {**parts, **(data or {})},
            "train": {
                "epochs": 2,
                "max_length": 32,
                "stride": 8,
                "threads": 1,
                "seeds": 1,
                "learning_rate": 1e-3,
                **(train or {}),
            },
            "output": str(tmp_path / "run"),
        }
        return parse_recipe({**document, **keys})

    return make


@pytest.fixture
def interrupt(monkeypatch) -> Interrupt:
    """Send this process a signal while the n-th step from now on is taken."""
    take = TrainingLoop._step

    def arrange(step: int, number: signal.Signals = signal.SIGTERM) -> None:
        taken = iter(range(1, 10_000))

        def taking(self, batches):
            if next(taken) == step:
                os.kill(os.getpid(), number)
            return take(self, batches)

        monkeypatch.setattr(TrainingLoop, "_step", taking)

    return arrange


def _one_label(rng: random.Random, index: int) -> dict[str, Any]:
    label = ("billing", "access")[index % 2]
    words = _NOUNS[:4] if label == "billing" else _NOUNS[4:]
    text = " ".join(f"my {rng.choice(words)} is late" for _ in range(rng.choice((1, 2, 20))))
    return {"text": f"{text} {index}", "label": label}


def _path(rng: random.Random, index: int) -> dict[str, Any]:
    """Every sixth row names the inner label; ``hello`` is a root without children."""
    label = ("money", "parcel", "hello")[index % 3]
    row = {"text": f"my {label if index % 3 < 2 else 'account'} order {index}", "label": label}
    return {**row, "label": "service"} if index % 6 == 0 else row


def _branches(rng: random.Random, index: int) -> dict[str, Any]:
    chosen = rng.sample(("money", "parcel", "hello"), rng.randint(0, 2))
    return {"text": f"my {' '.join(chosen)} order {index}", "labels": sorted(chosen)}


def _summary(rng: random.Random, index: int) -> dict[str, Any]:
    key = f"My {rng.choice(_NOUNS)} order {index} is lost."
    others = [f"Anna lives in {rng.choice(('london', 'paris'))}." for _ in range(4)]
    others.insert(index % 5, key)
    return {"text": " ".join(others), "summary": [key]}


def _translation(rng: random.Random, index: int) -> dict[str, Any]:
    """The words in the order of a language that puts the noun last."""
    noun, state = rng.choice(_NOUNS), rng.choice(("late", "broken"))
    return {"source": f"my {noun} is {state} {index}", "target": f"{state} was the {noun} {index}"}


def _several(rng: random.Random, index: int) -> dict[str, Any]:
    chosen = rng.sample(_NOUNS[:4], rng.randint(0, 2))
    return {"text": f"my {' '.join(chosen)} order {index}", "labels": sorted(chosen)}


def _entities(rng: random.Random, index: int) -> dict[str, Any]:
    name, city = rng.choice(("anna", "ben")), rng.choice(("london", "paris"))
    text = f"{name} lives in {city} the {rng.choice(_NOUNS)} {index}"
    start = text.index(city)
    spans = [(0, len(name), "person"), (start, start + len(city), "place")]
    entities = [{"start": s, "end": e, "label": label} for s, e, label in spans]
    return {"text": text, "entities": entities}


def _questions(rng: random.Random, index: int) -> dict[str, Any]:
    name, city = rng.choice(("anna", "ben")), rng.choice(("london", "paris"))
    context = f"{name} lives in {city}. " + "the parcel is late. " * rng.choice((0, 0, 8))
    answers = [{"text": city, "start": context.index(city)}] if index % 3 else []
    asked = f"where is {name}" if answers else "where is my card"
    return {"context": context, "question": f"{asked} {index}", "answers": answers}


def _pairs(rng: random.Random, index: int) -> dict[str, Any]:
    """Alike where both name one thing; every tenth second text needs several windows."""
    first, other = rng.sample(_NOUNS[:4], 2)
    second = first if index % 2 else other
    more = " and it was late" * (12 if index % 10 == 0 else 1)
    label = "alike" if index % 2 else "unlike"
    return {"text": f"my {first} {index}", "text_pair": f"the {second}{more}", "label": label}


def _scores(rng: random.Random, index: int) -> dict[str, Any]:
    """The more often the order is late, the higher; every twentieth text needs several windows."""
    times = rng.randint(0, 6) if index % 20 else 12
    score = round(0.5 * times + rng.gauss(0, 0.2), 2)
    return {"text": f"my order {index}" + " was late" * times, "score": score}
