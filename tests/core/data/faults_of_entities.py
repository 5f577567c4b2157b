"""Faults of entities."""

from __future__ import annotations

import random
from collections.abc import Mapping

from tests.core.data.planting import Fault, Planted, Row, at

__all__ = ["ENTITY_FAULTS"]


def _entities(row: Row) -> bool:
    return bool(row["entities"])


def _wide(row: Row) -> bool:
    return any(e["end"] - e["start"] > 4 for e in row["entities"])


def _outside(rng: random.Random, planted: Planted) -> None:
    row = planted.rows["train"][at(rng, planted, _entities)]
    row["entities"][-1]["end"] = len(row["text"]) + rng.randint(1, 9)


def _nested(rng: random.Random, planted: Planted) -> None:
    row = planted.rows["train"][at(rng, planted, _wide)]
    outer = next(e for e in row["entities"] if e["end"] - e["start"] > 4)
    inner = {"start": outer["start"], "end": outer["start"] + 2, "label": "PLACE"}
    row["entities"].append(inner)


def _mismatch(rng: random.Random, planted: Planted) -> None:
    row = planted.rows["train"][at(rng, planted, _entities)]
    entity = row["entities"][0]
    entity["text"] = row["text"][entity["start"] : entity["end"]] + "x"


def _loose(rng: random.Random, planted: Planted) -> None:
    def spaced(row: Row) -> bool:
        return any(row["text"][e["end"] : e["end"] + 2][:1] == " " for e in row["entities"])

    row = planted.rows["train"][at(rng, planted, spaced)]
    entity = next(e for e in row["entities"] if row["text"][e["end"] : e["end"] + 1] == " ")
    entity["end"] += 1


def _cut(rng: random.Random, planted: Planted) -> None:
    def cuttable(row: Row) -> bool:
        return any(row["text"][e["start"] : e["start"] + 4].isalpha() for e in row["entities"])

    row = planted.rows["train"][at(rng, planted, cuttable)]
    entity = next(e for e in row["entities"] if row["text"][e["start"] : e["start"] + 4].isalpha())
    entity["start"] += rng.randint(1, 2)


def _mention(rng: random.Random, planted: Planted) -> None:
    rows = planted.rows["train"]
    words = [
        "opens",
        "closes",
        "moves",
        "waits",
        "rests",
        "sings",
        "paints",
        "reads",
        "sails",
        "draws",
        "cooks",
    ]
    for index, word in enumerate(words):
        text = f"Zephyr Quill {word} near gate {index}."
        label = "PERSON" if index < len(words) - 1 else "PLACE"
        rows.insert(
            rng.randint(0, len(rows)),
            {"text": text, "entities": [{"start": 0, "end": 12, "label": label}]},
        )
    planted.lines += [
        i + 1
        for i, row in enumerate(rows)
        if row["text"].startswith("Zephyr") and row["entities"][0]["label"] == "PLACE"
    ]


def _starved(rng: random.Random, planted: Planted) -> None:
    for row in rng.sample([r for r in planted.rows["train"] if _entities(r)], 3):
        row["entities"][0]["label"] = "VESSEL"
    planted.lines.append(1)


ENTITY_FAULTS: Mapping[str, Fault] = {
    "entity outside": Fault("span-outside-text", "extraction", _outside),
    "nested entity": Fault("overlapping-entities", "extraction", _nested),
    "other text at an entity": Fault("entity-text-mismatch", "extraction", _mismatch),
    "loose entity": Fault("span-whitespace", "extraction", _loose),
    "cut entity": Fault("cut-word", "extraction", _cut),
    "mention of two labels": Fault("mention-labelled-differently", "extraction", _mention),
    "starved label": Fault("starved-label", "extraction", _starved),
}
