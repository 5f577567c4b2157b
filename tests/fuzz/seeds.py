"""Seeds: a small right file of every format, built in code."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

__all__ = ["SEEDS", "Seed"]


@dataclass(frozen=True, slots=True)
class Seed:
    """A right file."""

    name: str
    task: str
    content: bytes


_TEXTS = ("Ada Byron lives in Leeds.", "Ein Brief aus Köln, naïve 😀 Grüße.", "Tom came late.")
_ADA = {"start": 0, "end": 9, "label": "PER"}


def _lines(*rows: Any) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


def _document(value: Any, indent: int | None = None) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=indent).encode()


def _studio(*values: dict[str, Any]) -> Any:
    return [
        {
            "id": number,
            "data": {"text": text},
            "annotations": [
                {"result": [{"from_name": "l", "to_name": "text", "value": value}]}
                for value in (values if number == 0 or "choices" in values[0] else ())
            ],
        }
        for number, text in enumerate(_TEXTS)
    ]


def _argilla(value: Any, name: str) -> Any:
    given = [{"status": "submitted", "value": value}]
    return [
        {"id": str(number), "fields": {"text": text}, "responses": {name: given}, "metadata": {}}
        for number, text in enumerate(_TEXTS[:1])
    ]


_SQUAD = {
    "version": "v2.0",
    "data": [
        {
            "title": "a",
            "paragraphs": [
                {
                    "context": text,
                    "qas": [
                        {
                            "id": f"q{number}",
                            "question": f"Who {number}?",
                            "answers": [{"text": text[:3], "answer_start": 0}],
                        }
                    ],
                }
                for number, text in enumerate(_TEXTS)
            ],
        }
    ],
}
_CLASSES = [{"text": text, "label": "ab"[n % 2]} for n, text in enumerate(_TEXTS)]
_SPANS = [{"text": _TEXTS[0], "entities": [_ADA]}, {"text": _TEXTS[1], "entities": []}]
_TOKENS = {"tokens": ["Ada", "Byron", "lives"], "tags": ["B-PER", "I-PER", "O"]}
_ASKED = {"context": _TEXTS[0], "question": "Who?"}
_CSV = "text,label\n" + "".join(f'"{text}",{"ab"[n % 2]}\n' for n, text in enumerate(_TEXTS))

SEEDS: tuple[Seed, ...] = (
    Seed("csv.csv", "classification", _CSV.encode()),
    Seed("semicolons.csv", "classification", ("sep=;\r\n" + _CSV.replace('",', '";')
         .replace("text,label", "text;label").replace("\n", "\r\n")).encode("utf-8-sig")),
    Seed("tabs.tsv", "classification", b"text\tlabel\nA \"b\" c\ta\nD e\tb\n"),
    Seed("native.jsonl", "classification", _lines(*_CLASSES)),
    Seed("several.jsonl", "classification",
         _lines({"text": "a b", "labels": ["x", "y"]}, {"text": "c d", "labels": []})),
    Seed("list.json", "classification", _document(_CLASSES, indent=1)),
    Seed("entities.jsonl", "extraction", _lines(*_SPANS)),
    Seed("tokens.jsonl", "extraction", _lines(_TOKENS, _TOKENS | {"tokens": ["Tom", "Reed", "x"]})),
    Seed("conll.conll", "extraction", b"-DOCSTART- O\n\nAda B-PER\nByron I-PER\nis O\n\nTom B-P\n"),
    Seed("answers.jsonl", "qa", _lines({**_ASKED, "answers": [{"text": "Ada", "start": 0}]},
         {**_ASKED, "question": "When?", "answers": []})),
    Seed("columns.jsonl", "qa", _lines({**_ASKED, "answers": {"text": ["Ada"],
         "answer_start": [0]}})),
    Seed("squad.json", "qa", _document(_SQUAD)),
    Seed("squad2.json", "qa", _document(_SQUAD, indent=1)),
    Seed("studio.json", "extraction", _document(_studio({"start": 0, "end": 9, "labels": ["PER"],
         "text": "Ada Byron"}))),
    Seed("choices.json", "classification", _document(_studio({"choices": ["a"]}))),
    Seed("minimal.json", "classification", _document([{"text": text, "label": "a", "annotator": 1,
         "lead_time": 2.0} for text in _TEXTS])),
    Seed("argilla.json", "extraction", _document(_argilla([_ADA], "spans"))),
    Seed("argilla2.json", "classification", _document(_argilla("a", "topic"))),
    Seed("prodigy.jsonl", "extraction", _lines({"text": _TEXTS[0], "spans": [_ADA],
         "answer": "accept"}, {"text": "x", "answer": "reject"})),
    Seed("doccano.jsonl", "extraction", _lines({"text": _TEXTS[0], "label": [[0, 9, "PER"]]},
         {"text": _TEXTS[1], "label": []})),
    Seed("doccano2.jsonl", "extraction", _lines({"text": _TEXTS[0], "entities": [{"id": 1,
         "label": "PER", "start_offset": 0, "end_offset": 9}], "relations": []})),
    Seed("doccano3.jsonl", "classification", _lines({"text": "a b", "label": ["x"]},
         {"text": "c d", "label": ["y"]})),
    Seed("texts.txt", "classification", "\n".join(_TEXTS).encode()),
)  # fmt: skip
