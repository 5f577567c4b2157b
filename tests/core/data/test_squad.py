"""SQuAD: nested questions become rows; what is wrong is named by its question."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from burnish.data import Columns, GoldAnswer, QAExample, read_rows
from burnish.errors import DataError
from tests.core.data.rows_file import write, write_jsonl

CONTEXT = "The bridge opened in 1932."


def _question(number: str, answers: object, **fields: object) -> dict[str, object]:
    return {"id": number, "question": f"When {number}?", "answers": answers, **fields}


def _document(*questions: dict[str, object]) -> dict[str, object]:
    paragraph = {"context": CONTEXT, "qas": list(questions)}
    return {"version": "v2.0", "data": [{"title": "Bridge", "paragraphs": [paragraph]}]}


YEAR = {"text": "1932", "answer_start": 21}


@pytest.mark.parametrize("indent", [None, 1])
def test_answers_are_collapsed_and_impossible_questions_have_none(
    tmp_path: Path, indent: int | None
) -> None:
    document = _document(
        _question("q1", [YEAR, YEAR]),
        _question("q2", [], is_impossible=True, plausible_answers=[YEAR]),
    )
    path = write(tmp_path / "dev.json", json.dumps(document, indent=indent))
    rows = read_rows(path, "qa", columns=Columns(group="title"))
    assert rows.examples == (
        QAExample(
            id="dev.json:1.1.1",
            group="Bridge",
            context=CONTEXT,
            question="When q1?",
            answers=(GoldAnswer("1932", 21),),
        ),
        QAExample(
            id="dev.json:1.1.2", group="Bridge", context=CONTEXT, question="When q2?", answers=()
        ),
    )


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (
            _document(_question("q7", [{"text": "1932", "answer_start": 20}])),
            "question q7: the answ",
        ),
        (_document(_question("q7", [{"text": "1932"}])), "question q7: 'start' is null"),
        (
            _document(_question("q7", [YEAR], is_impossible=True)),
            "question q7: it is marked impossible",
        ),
        (_document(_question("q7", "1932")), "question q7: 'answers' is not a list"),
        (_document({"id": "q7", "answers": []}), "question q7: there is no column 'question'"),
        (
            {"data": [{"paragraphs": [{"context": "A"}]}]},
            "article 1, paragraph 1: it has no list 'qas'",
        ),
        ({"data": [{}]}, "article 1: it has no list 'paragraphs'"),
    ],
)
def test_what_is_wrong_is_named_by_its_question(
    tmp_path: Path, document: dict[str, object], message: str
) -> None:
    path = write(tmp_path / "dev.json", json.dumps(document))
    with pytest.raises(DataError, match=message) as caught:
        read_rows(path, "qa")
    assert caught.value.file == path
    assert caught.value.hint


def test_a_broken_document_is_named_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="is not JSON") as caught:
        read_rows(write(tmp_path / "dev.json", '{\n "data": [\n  oops\n'), "qa")
    assert caught.value.line == 3


def test_a_document_holds_no_rows_of_another_task(tmp_path: Path) -> None:
    path = write(tmp_path / "dev.json", json.dumps(_document()))
    with pytest.raises(DataError, match="SQuAD file, which cannot hold classification rows"):
        read_rows(path, "classification")


def test_answer_columns_of_json_lines_are_read(tmp_path: Path) -> None:
    row = {"context": CONTEXT, "question": "When?"}
    columns = {"text": ["1932", "1932"], "answer_start": [21, 21]}
    empty: dict[str, list[object]] = {"text": [], "answer_start": []}
    content = [{**row, "answers": columns}, {**row, "answers": empty}]
    first, second = read_rows(write_jsonl(tmp_path / "rows.jsonl", content), "qa").examples
    assert isinstance(first, QAExample)
    assert isinstance(second, QAExample)
    assert first.answers == (GoldAnswer("1932", 21),)
    assert second.answers == ()
    uneven = {**row, "answers": {"text": ["1932"], "answer_start": []}}
    with pytest.raises(DataError, match="two lists of equal length"):
        read_rows(write_jsonl(tmp_path / "uneven.jsonl", [uneven]), "qa")
