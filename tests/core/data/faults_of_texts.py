"""Faults of texts and their labels."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any

from tests.core.data.planting import Fault, Make, Planted, Row, at, insert

__all__ = ["TEXT_FAULTS"]


def _long(row: Row) -> bool:
    return len(row["text"]) > 90


def _duplicate(rng: random.Random, planted: Planted) -> None:
    index = rng.randrange(len(planted.rows["train"]))
    row = deepcopy(planted.rows["train"][index])
    row["text"] = f"  {row['text'].upper()} "
    insert(rng, planted, row, after=index)


def _near_duplicate(rng: random.Random, planted: Planted) -> None:
    rows = planted.rows["train"]
    index = rng.choice([i for i, row in enumerate(rows) if _long(row)])
    row = deepcopy(rows[index])
    row["text"] = _with_slip(rng, row["text"])
    insert(rng, planted, row, after=index)


def _with_slip(rng: random.Random, text: str) -> str:
    at = rng.randrange(10, len(text) - 10)
    return text[:at] + rng.choice("qxz") + text[at + 1 :]


def _conflict(rng: random.Random, planted: Planted) -> None:
    rows = planted.rows["train"]
    index = rng.randrange(len(rows))
    row = deepcopy(rows[index])
    row["label"] = rng.choice(sorted({r["label"] for r in rows} - {row["label"]}))
    insert(rng, planted, row, after=index)
    planted.lines.append(index + 1)


def _set(name: str, value: Any) -> Make:
    def make(rng: random.Random, planted: Planted) -> None:
        planted.rows["train"][at(rng, planted)][name] = value

    return make


def _relabel(change: Callable[[random.Random, str], str]) -> Make:
    def make(rng: random.Random, planted: Planted) -> None:
        row = planted.rows["train"][at(rng, planted)]
        row["label"] = change(rng, row["label"])

    return make


def _typo(rng: random.Random, label: str) -> str:
    at = rng.randrange(1, len(label) - 2)
    return (
        label[:at] + label[at + 1] + label[at] + label[at + 2 :]
        if label[at] != label[at + 1]
        else label[:at] + label[at + 1 :]
    )


def _other_form(rng: random.Random, label: str) -> str:
    forms = (label.upper(), label.title(), f"{label}\u200b", label.replace("_", " ") + "\u00ad")
    return rng.choice(forms)


def _retext(change: Callable[[random.Random, str], str], *, long: bool = False) -> Make:
    def make(rng: random.Random, planted: Planted) -> None:
        row = planted.rows["train"][at(rng, planted, _long if long else bool)]
        row["text"] = change(rng, row["text"])

    return make


def _mojibake(times: int) -> Callable[[random.Random, str], str]:
    def change(rng: random.Random, text: str) -> str:
        word = rng.choice(("café", "naïve", "Müller", "don\u2019t", "20 \u20ac", "£20", "straße"))
        for _ in range(times):
            word = word.encode("utf-8").decode("latin-1" if times > 1 else "cp1252")
        return _put(rng, text, word)

    return change


def _put(rng: random.Random, text: str, word: str) -> str:
    words = text.split(" ")
    words.insert(rng.randint(0, len(words)), word)
    return " ".join(words)


def _misread(rng: random.Random, text: str) -> str:
    swaps = {"o": "0", "l": "|", "i": "1", "e": "€", "a": "°", "t": "!", "n": "»"}
    words = []
    for word in text.split():
        inner = [i for i in range(1, len(word) - 1) if word[i] in swaps and word.isalpha()]
        inner = [i for i in inner if word[i - 1].islower() and word[i + 1].islower()]
        if inner:
            at = rng.choice(inner)
            word = word[:at] + swaps[word[at]] + word[at + 1 :]
        words.append(word)
    return " ".join(words)


_FOREIGN = (
    "Die Lieferung ist nicht angekommen und ich wurde von einer Firma auf später vertröstet.",
    "Le colis est arrivé mais il ne marche pas et nous avons une question sur la facture.",
    "Посылка так и не пришла, верните деньги на карту.",
    "荷物がまだ届いていません。返金してください。",
    "El pedido no llegó y los datos de la cuenta son para una persona que ya no está.",
)


def _foreign(rng: random.Random, text: str) -> str:
    return rng.choice(_FOREIGN)


def _leak(change: Callable[[random.Random, str], str]) -> Make:
    def make(rng: random.Random, planted: Planted) -> None:
        planted.part = "validation"
        row = deepcopy(rng.choice([row for row in planted.rows["train"] if _long(row)]))
        row["text"] = change(rng, row["text"])
        insert(rng, planted, row)

    return make


def _groups(rng: random.Random, planted: Planted) -> None:
    for part, rows in planted.rows.items():
        for index, row in enumerate(rows):
            row["case"] = f"{part}-{index}"
    planted.part = "validation"
    rows = planted.rows["validation"]
    index = rng.randrange(len(rows))
    rows[index]["case"] = rng.choice(planted.rows["train"])["case"]
    planted.lines.append(index + 1)


def _unseen(rng: random.Random, planted: Planted) -> None:
    planted.part = "validation"
    rows = planted.rows["validation"]
    index = rng.randrange(len(rows))
    rows[index]["label"] = "warranty_claim"
    planted.lines.append(index + 1)


def _missing(rng: random.Random, planted: Planted) -> None:
    label = rng.choice(sorted({row["label"] for row in planted.rows["train"]}))
    planted.rows["validation"] = [r for r in planted.rows["validation"] if r["label"] != label]
    rows = planted.rows["train"]
    planted.lines += [i + 1 for i, row in enumerate(rows) if row["label"] == label][:20]


def _imbalance(rng: random.Random, planted: Planted) -> None:
    label, other = rng.sample(sorted({row["label"] for row in planted.rows["train"]}), 2)
    rows = planted.rows["train"]
    of_label = [row for row in rows if row["label"] == label][2:]
    rows[:] = [row for row in rows if row not in of_label]
    for row in rows:
        row["label"] = other if row["label"] != label else label
    planted.lines += [i + 1 for i, row in enumerate(rows) if row["label"] == label]


def _one_label(rng: random.Random, planted: Planted) -> None:
    for rows in planted.rows.values():
        for row in rows:
            row["label"] = "delivery"
    planted.lines.append(1)


def _few(rng: random.Random, planted: Planted) -> None:
    planted.rows["train"] = planted.rows["train"][: rng.randint(30, 90)]
    planted.lines.append(1)


def _broken(rng: random.Random, planted: Planted) -> None:
    index = rng.randint(20, len(planted.rows["train"]) - 1)
    line = json.dumps(planted.rows["train"][index])
    planted.rows["train"][index] = line[: rng.randint(5, len(line) - 2)]
    planted.lines.append(index + 1)


def _blank(rng: random.Random, planted: Planted) -> None:
    insert(rng, planted, "")


def _contradiction(rng: random.Random, planted: Planted) -> None:
    planted.several = True
    for rows in planted.rows.values():
        for row in rows:
            row["labels"] = [row.pop("label")]
    row = planted.rows["train"][at(rng, planted)]
    row["labels"] += [rng.choice(("none", f"not {row['labels'][0]}", f"non-{row['labels'][0]}"))]


_C = "classification"
TEXT_FAULTS: Mapping[str, Fault] = {
    "duplicate": Fault("duplicate", _C, _duplicate),
    "near duplicate": Fault("near-duplicate", _C, _near_duplicate),
    "conflict": Fault("conflicting-labels", _C, _conflict),
    "empty text": Fault("empty-text", _C, _set("text", " ")),
    "no label": Fault("no-label", _C, _set("label", "")),
    "slip in a label": Fault("mistyped-label", _C, _relabel(_typo)),
    "label in another form": Fault("labels-alike", _C, _relabel(_other_form)),
    "label of one row": Fault("single-row-label", _C, _relabel(lambda rng, _: "warranty_claim")),
    "mojibake": Fault("mojibake", _C, _retext(_mojibake(1))),
    "mojibake twice": Fault("mojibake", _C, _retext(_mojibake(2))),
    "lost character": Fault(
        "replacement-character",
        _C,
        _retext(lambda rng, text: _put(rng, text, "na\ufffdve")),
    ),
    "control character": Fault(
        "control-character", _C, _retext(lambda rng, text: _put(rng, text, "a\x08b"))
    ),
    "markup": Fault(
        "markup",
        _C,
        _retext(lambda rng, t: _put(rng, t, rng.choice(("<br/>", "&nbsp;", "<b>x</b>")))),
    ),
    "scan": Fault("ocr-noise", _C, _retext(_misread, long=True)),
    "short text": Fault("short-text", _C, _retext(lambda rng, _: rng.choice(("?", "a.", "#1")))),
    "other language": Fault("other-language", _C, _retext(_foreign)),
    "leak": Fault("leak", _C, _leak(lambda rng, text: text.lower())),
    "near leak": Fault("near-leak", _C, _leak(_with_slip)),
    "shared group": Fault("shared-group", _C, _groups, group="case"),
    "unseen label": Fault("unseen-label", _C, _unseen),
    "missing label": Fault("missing-label", _C, _missing),
    "imbalance": Fault("imbalance", _C, _imbalance),
    "one label": Fault("nothing-to-learn", _C, _one_label),
    "few rows": Fault("little-data", _C, _few),
    "broken line": Fault("unreadable", _C, _broken),
    "blank line": Fault("blank-line", _C, _blank),
    "contradiction": Fault("contradictory-labels", _C, _contradiction),
}
