"""Faults of questions and answers."""

from __future__ import annotations

import random
from collections.abc import Mapping
from copy import deepcopy

from tests.core.data.planting import Fault, Planted, Row, at, insert

__all__ = ["ANSWER_FAULTS"]


def _answered(row: Row) -> bool:
    return bool(row["answers"])


def _offset(rng: random.Random, planted: Planted) -> None:
    row = planted.rows["train"][at(rng, planted, _answered)]
    row["answers"][0]["start"] += (
        rng.choice((-2, -1, 1, 2)) if row["answers"][0]["start"] > 2 else 1
    )


def _other_answer(rng: random.Random, planted: Planted) -> None:
    rows = planted.rows["train"]
    index = rng.choice([i for i, row in enumerate(rows) if _answered(row)])
    row = deepcopy(rows[index])
    row["answers"] = []
    insert(rng, planted, row, after=index)
    planted.lines.append(index + 1)


def _whole_context(rng: random.Random, planted: Planted) -> None:
    row = planted.rows["train"][at(rng, planted, lambda r: len(r["context"].split()) > 30)]
    row["answers"] = [
        {"text": row["context"].strip(), "start": row["context"].index(row["context"].strip())}
    ]


def _cut_answer(rng: random.Random, planted: Planted) -> None:
    def wordy(row: Row) -> bool:
        return any(a["text"][-3:].isalpha() and len(a["text"]) > 5 for a in row["answers"])

    row = planted.rows["train"][at(rng, planted, wordy)]
    answer = next(a for a in row["answers"] if a["text"][-3:].isalpha() and len(a["text"]) > 5)
    answer["text"] = answer["text"][:-2]


def _shared_context(rng: random.Random, planted: Planted) -> None:
    rows = planted.rows["train"]
    index = rng.randrange(len(rows))
    row = rows.pop(index)
    planted.rows["validation"] = [row]
    planted.part = "validation"
    planted.lines.append(1)
    if all(other["context"] != row["context"] for other in rows):
        rows.insert(index, {**row, "question": "What is said here of the matter, in short?"})


ANSWER_FAULTS: Mapping[str, Fault] = {
    "answer elsewhere": Fault("answer-not-at-offset", "qa", _offset),
    "two answers": Fault("conflicting-answers", "qa", _other_answer),
    "answer of all": Fault("answer-length", "qa", _whole_context),
    "cut answer": Fault("cut-word", "qa", _cut_answer),
    "shared context": Fault("shared-group", "qa", _shared_context),
}
