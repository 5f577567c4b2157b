"""Detection: a format and a task are told by many rows, not by the first one or its first bytes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from burnish.data import Columns, ExtractionExample, QAExample, read_rows
from burnish.data.checking import check_files
from burnish.data.readers.head import guess_task
from burnish.errors import DataError
from tests.core.data.rows_file import write, write_jsonl

TEXT = "Ada lives in Leeds."
LONG = "Much was written here. " * 8000


def _task(text: str, *values: dict[str, Any]) -> dict[str, Any]:
    result = [{"from_name": "label", "to_name": "text", "value": value} for value in values]
    return {"annotations": [{"id": 1, "result": result}], "data": {"text": text}}


_PER = {"start": 0, "end": 3, "text": "Ada", "labels": ["PER"]}
_ARGILLA = {"status": "submitted", "value": [{"start": 0, "end": 3, "label": "PER"}]}
_SPANS: dict[str, tuple[str, list[dict[str, Any]]]] = {
    "Label Studio, first without spans": ("a.json", [_task("No one."), _task(TEXT, _PER)]),
    "Label Studio, a long first text": ("a.json", [_task(LONG), _task(TEXT, _PER)]),
    "Label Studio, the text first": (
        "a.json",
        [{"data": {"text": LONG}, "annotations": []}, _task(TEXT, _PER)],
    ),
    "JSON-MIN, a long first text": (
        "a.json",
        [
            {"text": LONG, "annotator": 1, "lead_time": 2.0},
            {"text": TEXT, "label": [_PER], "annotator": 1, "lead_time": 2.0},
        ],
    ),
    "Argilla, a long first text": (
        "a.json",
        [
            {"id": "1", "fields": {"text": LONG}, "responses": {}},
            {"id": "2", "fields": {"text": TEXT}, "responses": {"entities": [_ARGILLA]}},
        ],
    ),
    "doccano triples": (
        "a.jsonl",
        [{"text": "No one.", "entities": []}, {"text": TEXT, "entities": [[0, 3, "PER"]]}],
    ),
    "doccano label, first empty": (
        "a.jsonl",
        [{"text": "No one.", "label": []}, {"text": TEXT, "label": [[0, 3, "PER"]]}],
    ),
    "doccano relations": (
        "a.jsonl",
        [
            {"text": "No one.", "entities": [], "relations": []},
            {
                "text": TEXT,
                "entities": [{"id": 1, "label": "PER", "start_offset": 0, "end_offset": 3}],
                "relations": [{"id": 1, "from_id": 1, "to_id": 1, "type": "is"}],
            },
        ],
    ),
    "Prodigy, marks in the second row": (
        "a.jsonl",
        [
            {"text": "No one."},
            {"text": TEXT, "answer": "accept", "spans": [_PER | {"label": "PER"}]},
        ],
    ),
    "tokens, first without": (
        "a.jsonl",
        [
            {"text": "No one.", "entities": []},
            {"tokens": ["Ada", "lives"], "tags": ["B-PER", "O"], "text": "Ada lives"},
        ],
    ),
}


def _file(folder: Path, name: str, rows: list[dict[str, Any]], *, indent: int | None) -> Path:
    if name.endswith(".jsonl") and indent is None:
        return write_jsonl(folder / name, rows)
    return write(folder / "a.json", json.dumps(rows, indent=indent))


@pytest.mark.parametrize("indent", [None, 1], ids=["as exported", "an indented list"])
@pytest.mark.parametrize("name", _SPANS)
def test_a_format_is_known_by_more_than_its_first_row(
    name: str, indent: int | None, tmp_path: Path
) -> None:
    path = _file(tmp_path, *_SPANS[name], indent=indent)
    assert guess_task(path) == "extraction"
    found = read_rows(path, "extraction").examples
    spans = [span for row in found if isinstance(row, ExtractionExample) for span in row.entities]
    assert [(span.start, span.end, span.label) for span in spans] == [(0, 3, "PER")]


@pytest.mark.parametrize("name", [n for n in _SPANS if not n.startswith("tokens")])
def test_spans_are_no_classification_rows(name: str, tmp_path: Path) -> None:
    path = _file(tmp_path, *_SPANS[name], indent=None)
    with pytest.raises(DataError) as caught:
        read_rows(path, "classification")
    named = "--task extraction" in caught.value.hint or "--task extraction" in caught.value.message
    assert named


def test_labels_of_texts_are_no_extraction_rows(tmp_path: Path) -> None:
    files = [
        write(tmp_path / "ls.json", json.dumps([_task(TEXT, {"choices": ["a"]})])),
        write_jsonl(tmp_path / "prodigy.jsonl", [{"text": TEXT, "answer": "accept", "label": "a"}]),
        write_jsonl(tmp_path / "doccano.jsonl", [{"text": TEXT, "label": ["a"]}]),
    ]
    for path in files:
        assert guess_task(path) == "classification"
        with pytest.raises(DataError) as caught:
            read_rows(path, "extraction")
        assert "--task classification" in caught.value.hint


def test_what_only_a_model_said_is_no_label(tmp_path: Path) -> None:
    guess = {"predictions": [{"result": [{"value": _PER}]}]}
    task = {**_task(TEXT, {"choices": ["a"]}), **guess}
    assert guess_task(write(tmp_path / "ls.json", json.dumps([task]))) == "classification"


def test_answers_that_the_first_row_has_not_are_columns_all_the_same(tmp_path: Path) -> None:
    given = {"text": ["Ada"], "answer_start": [0]}
    rows = [
        {"context": TEXT, "question": "Where?", "answers": None},
        {"context": TEXT, "question": "Who?", "answers": given},
    ]
    path = write_jsonl(tmp_path / "a.jsonl", rows)
    report = check_files("qa", Columns(), files={"train": path}).report
    assert [(each.kind, len(each.rows)) for each in report.findings[:1]] == [("no-label", 1)]
    (example,) = read_rows(write_jsonl(path, rows[1:]), "qa").examples
    assert isinstance(example, QAExample)
    assert example.answers[0].start == 0


def test_a_list_of_rows_in_the_native_form_is_read(tmp_path: Path) -> None:
    rows = [{"text": f"text {n}", "label": "ab"[n % 2]} for n in range(4)]
    for content in (json.dumps(rows), json.dumps(rows, indent=2), "\ufeff\n" + json.dumps(rows)):
        found = read_rows(write(tmp_path / "a.json", content), "classification")
        assert [each.id for each in found.examples] == [f"a.json:{n}" for n in range(1, 5)]


def test_a_large_list_is_told_by_its_beginning(tmp_path: Path) -> None:
    rows = [_task(LONG * 8), *[_task(f"{TEXT} {n}", _PER) for n in range(3)]]
    path = write(tmp_path / "a.json", json.dumps(rows, ensure_ascii=False))
    assert len(read_rows(path, "extraction")) == 4
