"""Questions in the forms of SQuAD 2.0, simpletransformers, Haystack 1 and of flat lists."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from burnish.data import QAExample, read_rows
from burnish.data.readers.head import guess_task
from burnish.errors import DataError
from tests.core.data.rows_file import write, write_jsonl

CONTEXT = "👩\u200d🔬 Zoe\u0301 paid.\r\nThe rent is due on the 1st."
WHO, WHEN = "Zoe\u0301", "on the 1st"
AT = CONTEXT.index(WHEN)


def _found(path: Path) -> list[tuple[str, list[tuple[str, int]]]]:
    assert guess_task(path) == "qa"
    rows = read_rows(path, "qa")
    found = []
    for each in rows.examples:
        assert isinstance(each, QAExample)
        assert each.context == CONTEXT
        found.append((each.question, [(answer.text, answer.start) for answer in each.answers]))
    return found


RIGHT = [("When?", [(WHEN, AT)]), ("Who owns it?", [])]


def _qas(**more: Any) -> list[dict[str, Any]]:
    return [
        {"id": "q1", "question": "When?", "answers": [{"text": WHEN, "answer_start": AT, **more}]},
        {"id": "q2", "question": "Who owns it?", "is_impossible": True, "answers": []},
    ]


ARTICLE = {"title": "Rent", "paragraphs": [{"context": CONTEXT, "qas": _qas()}]}
PARAGRAPH = {"context": CONTEXT, "qas": _qas()}


@pytest.mark.parametrize("rows", [[ARTICLE], [PARAGRAPH]], ids=["articles", "paragraphs"])
def test_articles_and_paragraphs_are_read_from_lists_and_lines(
    tmp_path: Path, rows: list[Any]
) -> None:
    path = write(tmp_path / "list.json", json.dumps(rows))
    assert _found(path) == RIGHT
    assert _found(write(tmp_path / "i.json", json.dumps(rows, indent=1))) == RIGHT
    assert read_rows(path, "qa").examples[1].id.startswith("list.json:1.")
    twice = write_jsonl(tmp_path / "lines.jsonl", rows + rows)
    assert _found(twice) == RIGHT + RIGHT


def test_haystacks_export_is_squad_with_more_fields(tmp_path: Path) -> None:
    more = {"answer_id": 7, "document_id": 3, "answer_end": AT + len(WHEN), "answer_category": None}
    paragraph = {"qas": _qas(**more), "context": CONTEXT, "document_id": 3}
    document = {"data": [{"paragraphs": [paragraph]}]}
    assert _found(write(tmp_path / "answers.json", json.dumps(document))) == RIGHT


def test_haystacks_labels_are_read(tmp_path: Path) -> None:
    document = {"content": CONTEXT, "content_type": "text", "id": "d1", "meta": {}}
    place = [{"start": AT, "end": AT + len(WHEN)}]
    right = {"answer": WHEN, "type": "extractive", "offsets_in_document": place}
    label = {"query": "When?", "document": document, "answer": right, "is_correct_answer": True}
    none = {"query": "Who owns it?", "document": document, "answer": None, "no_answer": True}
    wrong = {**label, "is_correct_answer": False}
    path = write(tmp_path / "labels.json", json.dumps([label, none, wrong]))
    assert _found(path) == RIGHT
    assert read_rows(path, "qa").files[0].skipped == {"marked as a wrong answer": 1}


@pytest.mark.parametrize(
    ("answered", "unanswered"),
    [
        ({"answers": [WHEN]}, {"answers": []}),
        ({"answers": WHEN}, {"answers": ""}),
        ({"answer": WHEN, "answer_start": AT}, {"answer": None}),
        ({"answer": WHEN}, {"answer": ""}),
        ({"answer_text": WHEN, "answer_start": [AT]}, {"answer_text": ""}),
        ({"answers": [WHEN], "answer_start": [AT]}, {"answers": []}),
        ({"answers": [{"text": WHEN, "answer_start": AT}]}, {"answers": []}),
        ({"answers": [{"text": WHEN}]}, {"answers": [{"text": "", "answer_start": -1}]}),
        ({"answers": {"text": [WHEN], "answer_start": [AT]}}, {"answers": {"text": []}}),
        ({"answers": {"text": WHEN, "answer_start": AT}}, {"answers": []}),
    ],
)
@pytest.mark.parametrize("lines", [True, False])
def test_flat_rows_say_their_answers_in_many_ways(
    tmp_path: Path, answered: dict[str, Any], unanswered: dict[str, Any], lines: bool
) -> None:
    rows = [
        {"context": CONTEXT, "question": "When?", **answered},
        {"context": CONTEXT, "question": "Who owns it?", **unanswered},
    ]
    path = write_jsonl(tmp_path / "a.jsonl", rows) if lines else tmp_path / "a.json"
    if not lines:
        write(path, json.dumps(rows))
    assert _found(path) == RIGHT


def test_an_answer_whose_place_is_not_certain_is_an_error_of_its_row(tmp_path: Path) -> None:
    answers = ["e", "nobody", WHO]
    rows = [{"context": CONTEXT, "question": "?", "answers": [each]} for each in answers]
    path = write_jsonl(tmp_path / "a.jsonl", rows)
    errors: list[DataError] = []
    assert len(read_rows(path, "qa", on_error=errors.append)) == 1
    assert [(error.line, error.kind) for error in errors] == [
        (1, "answer-not-at-offset"),
        (2, "answer-not-at-offset"),
    ]
    assert "is 5 times in the context" in errors[0].reason
    assert "is not in the context" in errors[1].reason
