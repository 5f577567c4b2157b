"""spaCy's JSON: pairs, ``Doc.to_json`` of version 3, the training form of version 2; GLiNER's."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from burnish.data import ClassificationExample, read_rows
from burnish.data.readers.head import guess_task
from burnish.errors import DataError
from tests.core.data.readers.entities import ASTRAL, found
from tests.core.data.rows_file import write, write_jsonl

ENTITIES = [[4, 8, "PER"], [13, 23, "ORG"], [27, 29, "LOC"]]
NAMES = [("Zoe\u0301", "PER"), ("Łódź\r\nBank", "ORG"), ("東京", "LOC")]


def _labels(path: Path) -> list[tuple[str, ...]]:
    rows = read_rows(path, "classification").examples
    return [each.labels for each in rows if isinstance(each, ClassificationExample)]


def test_pairs_are_read_from_a_list_from_lines_and_from_the_annotator(tmp_path: Path) -> None:
    pairs: list[Any] = [[ASTRAL, {"entities": ENTITIES}], ["None.", {"entities": []}]]
    right = [(ASTRAL, NAMES), ("None.", [])]
    annotator = {"classes": ["PER", "ORG"], "annotations": [*pairs, None]}
    for path in (
        write(tmp_path / "a.json", json.dumps(pairs)),
        write(tmp_path / "b.json", json.dumps(pairs, indent=2)),
        write_jsonl(tmp_path / "c.jsonl", pairs),
        write(tmp_path / "d.json", json.dumps(annotator)),
    ):
        assert guess_task(path) == "extraction"
        assert found(path) == right


def test_categories_above_one_half_are_labels(tmp_path: Path) -> None:
    cats = [{"news": 1.0, "sport": 0.0}, {"news": False, "sport": True}]
    path = write(tmp_path / "a.json", json.dumps([["A.", {"cats": c}] for c in cats]))
    assert guess_task(path) == "classification"
    assert _labels(path) == [("news",), ("sport",)]
    with pytest.raises(DataError, match="has labels of whole texts and no spans of the texts"):
        read_rows(path, "extraction")


def test_documents_of_to_json_are_read(tmp_path: Path) -> None:
    ents = [dict(zip(("start", "end", "label"), each, strict=True)) for each in ENTITIES]
    token = {"id": 0, "start": 0, "end": 3}
    document = {"text": ASTRAL, "ents": ents, "cats": {"news": 0.9}, "tokens": [token]}
    path = write_jsonl(tmp_path / "docs.jsonl", [document])
    assert guess_task(path) == "extraction"
    assert found(path) == [(ASTRAL, NAMES)]
    assert _labels(path) == [("news",)]


def _token(number: int, orth: str, ner: str) -> dict[str, Any]:
    return {"id": number, "orth": orth, "tag": "X", "ner": ner}


def test_documents_of_version_2_give_a_row_per_paragraph(tmp_path: Path) -> None:
    tags = ["O", "U-PER", "O", "B-ORG", "L-ORG", "O", "U-LOC", "O"]
    words = ["👩\u200d🔬", "Zoe\u0301", "met", "Łódź", "Bank", "in", "東京", "."]
    tokens = [_token(*each) for each in zip(range(8), words, tags, strict=True)]
    sentences = [{"tokens": tokens, "brackets": []}]
    paragraphs = [
        {"raw": ASTRAL, "sentences": sentences, "cats": [{"label": "news", "value": 1}]},
        {"sentences": [{"tokens": [_token(0, "Ana", "U-PER"), _token(1, "left", "O")]}]},
    ]
    path = write(tmp_path / "train.json", json.dumps([{"id": 0, "paragraphs": paragraphs}]))
    assert guess_task(path) == "extraction"
    assert found(path) == [(ASTRAL, NAMES), ("Ana left", [("Ana", "PER")])]


def test_a_wrong_pair_is_named_and_does_not_hide_the_others(tmp_path: Path) -> None:
    pairs: list[Any] = [["Ana left.", {"entities": [[0, 3, "PER"]]}], ["Tom", {"entities": [7]}], 5]
    path = write(tmp_path / "a.json", json.dumps(pairs))
    errors: list[DataError] = []
    assert len(read_rows(path, "extraction", on_error=errors.append)) == 1
    assert [error.place for error in errors] == ["pair 2", "pair 3"]


def test_gliners_entities_end_with_their_last_token(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [
        {"tokenized_text": ["👩\u200d🔬", "Ana", "Silva", "left"], "ner": [[1, 2, "person"]]},
        {"tokenized_text": ["Zoe\u0301"], "ner": [[0, 0, "person"]]},
        {"tokenized_text": ["Nobody"], "ner": []},
    ]
    right = [
        ("👩\u200d🔬 Ana Silva left", [("Ana Silva", "person")]),
        ("Zoe\u0301", [("Zoe\u0301", "person")]),
        ("Nobody", []),
    ]
    path = write(tmp_path / "train.json", json.dumps(rows))
    assert guess_task(path) == "extraction"
    assert found(path) == right
    assert found(write_jsonl(tmp_path / "train.jsonl", rows)) == right
    rows[1]["ner"] = [[0, 1, "person"]]
    with pytest.raises(DataError, match="an entity from token 0 to 1 is outside the 1 tokens"):
        read_rows(write(path, json.dumps(rows)), "extraction")
