"""Faults planted in the sample rows: each with the kind, the part and the lines to be found."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from burnish.data import read_rows, sample_path
from burnish.data.split_record import PartName

__all__ = ["FAULTS", "Fault", "Planted", "clean_rows", "plant", "write_files"]

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
            row["label"] = example.labels[0]  # type: ignore[union-attr]
        if task == "extraction":
            spans = example.entities  # type: ignore[union-attr]
            row["entities"] = [{"start": s.start, "end": s.end, "label": s.label} for s in spans]
        if task == "qa":
            answers = example.answers  # type: ignore[union-attr]
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


def _at(rng: random.Random, planted: Planted, where: Callable[[Row], bool] = bool) -> int:
    """A row of train for which something holds; its line is noted."""
    rows = planted.rows["train"]
    index = rng.choice([i for i, row in enumerate(rows) if where(row)])
    planted.lines.append(index + 1)
    return index


def _insert(rng: random.Random, planted: Planted, row: Any, *, after: int = 0) -> int:
    """Put a row somewhere behind another; its line is noted."""
    rows = planted.rows[planted.part]
    index = rng.randint(after + 1, len(rows))
    rows.insert(index, row)
    planted.lines.append(index + 1)
    return index


def _long(row: Row) -> bool:
    return len(row["text"]) > 90


def _duplicate(rng: random.Random, planted: Planted) -> None:
    index = rng.randrange(len(planted.rows["train"]))
    row = deepcopy(planted.rows["train"][index])
    row["text"] = f"  {row['text'].upper()} "
    _insert(rng, planted, row, after=index)


def _near_duplicate(rng: random.Random, planted: Planted) -> None:
    rows = planted.rows["train"]
    index = rng.choice([i for i, row in enumerate(rows) if _long(row)])
    row = deepcopy(rows[index])
    row["text"] = _with_slip(rng, row["text"])
    _insert(rng, planted, row, after=index)


def _with_slip(rng: random.Random, text: str) -> str:
    at = rng.randrange(10, len(text) - 10)
    return text[:at] + rng.choice("qxz") + text[at + 1 :]


def _conflict(rng: random.Random, planted: Planted) -> None:
    rows = planted.rows["train"]
    index = rng.randrange(len(rows))
    row = deepcopy(rows[index])
    row["label"] = rng.choice(sorted({r["label"] for r in rows} - {row["label"]}))
    _insert(rng, planted, row, after=index)
    planted.lines.append(index + 1)


def _set(name: str, value: Any) -> Make:
    def make(rng: random.Random, planted: Planted) -> None:
        planted.rows["train"][_at(rng, planted)][name] = value

    return make


def _relabel(change: Callable[[random.Random, str], str]) -> Make:
    def make(rng: random.Random, planted: Planted) -> None:
        row = planted.rows["train"][_at(rng, planted)]
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
        row = planted.rows["train"][_at(rng, planted, _long if long else bool)]
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
        _insert(rng, planted, row)

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
    _insert(rng, planted, "")


def _contradiction(rng: random.Random, planted: Planted) -> None:
    planted.several = True
    for rows in planted.rows.values():
        for row in rows:
            row["labels"] = [row.pop("label")]
    row = planted.rows["train"][_at(rng, planted)]
    row["labels"] += [rng.choice(("none", f"not {row['labels'][0]}", f"non-{row['labels'][0]}"))]


def _entities(row: Row) -> bool:
    return bool(row["entities"])


def _wide(row: Row) -> bool:
    return any(e["end"] - e["start"] > 4 for e in row["entities"])


def _outside(rng: random.Random, planted: Planted) -> None:
    row = planted.rows["train"][_at(rng, planted, _entities)]
    row["entities"][-1]["end"] = len(row["text"]) + rng.randint(1, 9)


def _nested(rng: random.Random, planted: Planted) -> None:
    row = planted.rows["train"][_at(rng, planted, _wide)]
    outer = next(e for e in row["entities"] if e["end"] - e["start"] > 4)
    inner = {"start": outer["start"], "end": outer["start"] + 2, "label": "PLACE"}
    row["entities"].append(inner)


def _mismatch(rng: random.Random, planted: Planted) -> None:
    row = planted.rows["train"][_at(rng, planted, _entities)]
    entity = row["entities"][0]
    entity["text"] = row["text"][entity["start"] : entity["end"]] + "x"


def _loose(rng: random.Random, planted: Planted) -> None:
    def spaced(row: Row) -> bool:
        return any(row["text"][e["end"] : e["end"] + 2][:1] == " " for e in row["entities"])

    row = planted.rows["train"][_at(rng, planted, spaced)]
    entity = next(e for e in row["entities"] if row["text"][e["end"] : e["end"] + 1] == " ")
    entity["end"] += 1


def _cut(rng: random.Random, planted: Planted) -> None:
    def cuttable(row: Row) -> bool:
        return any(row["text"][e["start"] : e["start"] + 4].isalpha() for e in row["entities"])

    row = planted.rows["train"][_at(rng, planted, cuttable)]
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


def _answered(row: Row) -> bool:
    return bool(row["answers"])


def _offset(rng: random.Random, planted: Planted) -> None:
    row = planted.rows["train"][_at(rng, planted, _answered)]
    row["answers"][0]["start"] += (
        rng.choice((-2, -1, 1, 2)) if row["answers"][0]["start"] > 2 else 1
    )


def _other_answer(rng: random.Random, planted: Planted) -> None:
    rows = planted.rows["train"]
    index = rng.choice([i for i, row in enumerate(rows) if _answered(row)])
    row = deepcopy(rows[index])
    row["answers"] = []
    _insert(rng, planted, row, after=index)
    planted.lines.append(index + 1)


def _whole_context(rng: random.Random, planted: Planted) -> None:
    row = planted.rows["train"][_at(rng, planted, lambda r: len(r["context"].split()) > 30)]
    row["answers"] = [
        {"text": row["context"].strip(), "start": row["context"].index(row["context"].strip())}
    ]


def _cut_answer(rng: random.Random, planted: Planted) -> None:
    def wordy(row: Row) -> bool:
        return any(a["text"][-3:].isalpha() and len(a["text"]) > 5 for a in row["answers"])

    row = planted.rows["train"][_at(rng, planted, wordy)]
    answer = next(a for a in row["answers"] if a["text"][-3:].isalpha() and len(a["text"]) > 5)
    answer["text"] = answer["text"][:-2]


def _shared_context(rng: random.Random, planted: Planted) -> None:
    rows = planted.rows["train"]
    index = rng.randrange(len(rows))
    row = rows.pop(index)
    planted.rows["validation"] = [row]
    planted.part = "validation"
    if any(other["context"] == row["context"] for other in rows):
        planted.lines.append(1)
    else:
        rows.insert(index, {**row, "question": "What is said here of the matter, in short?"})
        planted.lines.append(1)


_C, _E, _Q = "classification", "extraction", "qa"
FAULTS: Mapping[str, Fault] = {
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
        "replacement-character", _C, _retext(lambda rng, text: _put(rng, text, "na\ufffdve"))
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
    "entity outside": Fault("span-outside-text", _E, _outside),
    "nested entity": Fault("overlapping-entities", _E, _nested),
    "other text at an entity": Fault("entity-text-mismatch", _E, _mismatch),
    "loose entity": Fault("span-whitespace", _E, _loose),
    "cut entity": Fault("cut-word", _E, _cut),
    "mention of two labels": Fault("mention-labelled-differently", _E, _mention),
    "starved label": Fault("starved-label", _E, _starved),
    "answer elsewhere": Fault("answer-not-at-offset", _Q, _offset),
    "two answers": Fault("conflicting-answers", _Q, _other_answer),
    "answer of all": Fault("answer-length", _Q, _whole_context),
    "cut answer": Fault("cut-word", _Q, _cut_answer),
    "shared context": Fault("shared-group", _Q, _shared_context),
}
