"""Rows that no model of these tests was trained on."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

_NOUNS = ("refund", "money", "card", "invoice", "parcel", "order", "login", "account")


def short_rows() -> list[dict[str, Any]]:
    """Texts that fit into one window of every tool."""
    rng = random.Random(11)
    return [
        {
            "text": f"{' '.join(rng.choices(_NOUNS, k=6))} {index}",
            "label": ("money", "parcel")[index % 2],
        }
        for index in range(60)
    ]


@pytest.fixture(scope="session")
def tickets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("rows") / "tickets.jsonl"
    file.write_text("\n".join(map(json.dumps, short_rows())), encoding="utf-8")
    return file


@pytest.fixture(scope="session")
def letters(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rng, rows = random.Random(12), []
    for index in range(60):
        name, city = rng.choice(("anna", "ben")), rng.choice(("london", "paris"))
        text = f"{name} lives in {city} {rng.choice(_NOUNS)} {index}"
        start = text.index(city)
        spans = [(0, len(name), "person"), (start, start + len(city), "place")]
        rows.append(
            {"text": text, "entities": [{"start": s, "end": e, "label": n} for s, e, n in spans]}
        )
    file = tmp_path_factory.mktemp("rows") / "letters.jsonl"
    file.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return file


@pytest.fixture(scope="session")
def questions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rng, rows = random.Random(13), []
    for index in range(60):
        name, city = rng.choice(("anna", "ben")), rng.choice(("london", "paris"))
        context = f"{name} lives in {city} {index}. the parcel is late."
        answers = [{"text": city, "start": context.index(city)}] if index % 3 else []
        question = f"where is {name if answers else 'my card'} {index}"
        rows.append({"context": context, "question": question, "answers": answers})
    file = tmp_path_factory.mktemp("rows") / "questions.jsonl"
    file.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return file
