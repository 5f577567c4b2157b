"""Native JSON Lines: the forms of the three tasks, and every refusal by file, line and fix."""

from __future__ import annotations

from pathlib import Path

import pytest

from burnish.data import (
    ClassificationExample,
    Columns,
    ExtractionExample,
    GoldAnswer,
    QAExample,
    Span,
    read_rows,
)
from burnish.errors import DataError
from tests.core.data.rows_file import write, write_jsonl


def test_one_label_a_row(tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "rows.jsonl", [{"text": "A", "label": " x "}])
    rows = read_rows(path, "classification")
    assert rows.examples == (ClassificationExample(id="rows.jsonl:1", text="A", labels=("x",)),)
    assert not rows.multi_label


def test_any_number_of_labels_a_row(tmp_path: Path) -> None:
    content = [{"text": "A", "labels": ["y", "x", "y"]}, {"text": "B", "labels": []}]
    rows = read_rows(write_jsonl(tmp_path / "rows.jsonl", content), "classification")
    assert rows.multi_label
    assert [each.labels for each in rows.examples if isinstance(each, ClassificationExample)] == [
        ("x", "y"),
        (),
    ]


def test_entities_are_sorted(tmp_path: Path) -> None:
    entities = [
        {"start": 8, "end": 12, "label": "city", "text": "Oslo"},
        {"start": 0, "end": 3, "label": "person"},
    ]
    path = write_jsonl(tmp_path / "rows.jsonl", [{"text": "Ann, in Oslo", "entities": entities}])
    (example,) = read_rows(path, "extraction").examples
    assert isinstance(example, ExtractionExample)
    assert example.entities == (Span(0, 3, "person"), Span(8, 12, "city"))


def test_answers_and_no_answer(tmp_path: Path) -> None:
    gold = {"text": "é 12", "start": 6}
    content = [
        {"context": "price é 12", "question": "how much?", "answers": [gold, gold]},
        {"context": "price é 12", "question": "where?", "answers": []},
    ]
    first, second = read_rows(write_jsonl(tmp_path / "rows.jsonl", content), "qa").examples
    assert isinstance(first, QAExample)
    assert isinstance(second, QAExample)
    assert first.answers == (GoldAnswer("é 12", 6),)
    assert second.answers == ()


def test_groups_and_other_names(tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "rows.jsonl", [{"body": "A", "kind": "x", "doc": 7}])
    columns = Columns(text="body", label="kind", group="doc")
    (example,) = read_rows(path, "classification", columns=columns).examples
    assert example.group == "7"


def test_skipped_rows_are_counted(tmp_path: Path) -> None:
    content = '{"text": "A", "label": "x"}\n\n{"text": " ", "label": "x"}\n{"text": null}\n'
    (file,) = read_rows(write(tmp_path / "rows.jsonl", content), "classification").files
    assert file.skipped == {"blank line": 1, "empty text": 2}
    assert len(file.sha256) == 64


def test_separators_of_unicode_do_not_end_a_line(tmp_path: Path) -> None:
    content = '{"text": "a\u2028b\u0085c", "label": "x"}\n'
    (example,) = read_rows(write(tmp_path / "rows.jsonl", content), "classification").examples
    assert isinstance(example, ClassificationExample)
    assert example.text == "a\u2028b\u0085c"


GOOD = {
    "classification": '{"text": "A", "label": "x"}',
    "extraction": '{"text": "A", "entities": []}',
    "qa": '{"context": "A b", "question": "q", "answers": []}',
}

OVERLAP = """{"text": "A bc", "entities": [{"start": 1, "end": 4, "label": "x"},
 {"start": 0, "end": 2, "label": "y"}]}""".replace("\n", "")


@pytest.mark.parametrize(
    ("task", "row", "message", "hint"),
    [
        ("classification", '{"text": "A"', "is not JSON", "one JSON object per line"),
        ("classification", '["A", "x"]', "not a JSON object", "one JSON object per line"),
        ("classification", "[" * 100_000, "nested too deep", ""),
        ("classification", '{"text": "A", "text": "B", "label": "x"}', "'text' is given twice", ""),
        ("classification", '{"txt": "A", "label": "x"}', "no column 'text'", "data.text: txt"),
        ("classification", '{"text": "A", "lable": "x"}', "are: 'text', 'lable'", "lable"),
        ("classification", '{"text": 3, "label": "x"}', "'text' is a number", "quotes"),
        (
            "classification",
            '{"text": "A", "label": 2.5}',
            "a label is a number",
            "instead of its number",
        ),
        ("classification", '{"text": "A", "label": ["x"]}', "a label is a list", "'labels'"),
        ("classification", '{"text": "A", "label": null}', "no label", "remove the row"),
        ("classification", '{"text": "A", "label": " "}', "no label", "remove the row"),
        (
            "classification",
            '{"text": "A", "labels": ["x"]}',
            "rows.jsonl:1 has 'label'",
            "'labels'",
        ),
        ("classification", '{"text": "A", "label": "x", "labels": []}', "'labels'", "use one"),
        ("classification", r'{"text": "A\ud800", "label": "x"}', "surrogate", "remove"),
        ("extraction", '{"text": "A"}', "no column 'entities'", "[]"),
        ("extraction", '{"text": "A", "entities": {}}', "an object, not a list", "[]"),
        ("extraction", '{"text": "A", "entities": [1]}', "holds a number", '"start"'),
        (
            "extraction",
            '{"text": "A", "entities": [{"start": 0, "end": 2, "label": "x"}]}',
            "from 0 to 2 is outside the text, which has 1 characters",
            "code points",
        ),
        (
            "extraction",
            '{"text": "A", "entities": [{"start": 0, "end": 0, "label": "x"}]}',
            "is outside",
            "start < end",
        ),
        (
            "extraction",
            '{"text": "A", "entities": [{"start": true, "end": 1, "label": "x"}]}',
            "'start' is true or false",
            "",
        ),
        (
            "extraction",
            '{"text": "A", "entities": [{"start": 0, "end": 1}]}',
            "an entity has no label",
            "",
        ),
        (
            "extraction",
            '{"text": "A bc", "entities": [{"start": 0, "end": 1, "label": "x", "text": "bc"}]}',
            "'bc' is not the text from 0 to 1",
            "found at 2",
        ),
        (
            "extraction",
            OVERLAP,
            "0-2 'y' and 1-4 'x' overlap",
            "keep one",
        ),
        (
            "qa",
            '{"context": "A b", "question": "q", "answers": [{"text": "b", "start": 1}]}',
            "'b' is not at 1",
            "found at 2",
        ),
        (
            "qa",
            '{"context": "A b", "question": "q", "answers": [{"text": "b", "start": -1}]}',
            "is not at -1",
            "",
        ),
        (
            "qa",
            '{"context": "A b", "question": "q", "answers": [{"text": "", "start": 0}]}',
            "no text",
            "[]",
        ),
        ("qa", '{"context": "A b", "question": "q", "answers": [5]}', "holds a number", ""),
        ("qa", '{"context": "A b", "question": "q"}', "no column 'answers'", "[]"),
    ],
)
def test_what_is_wrong_is_named_with_its_line_and_fix(
    tmp_path: Path, task: str, row: str, message: str, hint: str
) -> None:
    path = write(tmp_path / "rows.jsonl", f"{GOOD[task]}\n{row}\n")
    with pytest.raises(DataError) as caught:
        read_rows(path, task)
    assert str(caught.value).startswith(f"{path}:2: ")
    assert message in caught.value.message
    assert hint in caught.value.hint


def _error(path: Path, task: str) -> DataError | None:
    try:
        read_rows(path, task)
    except DataError as error:
        return error
    return None


@pytest.mark.parametrize("task", sorted(GOOD))
def test_every_json_value_is_read_or_refused_in_words(tmp_path: Path, task: str) -> None:
    values = [
        "null",
        "1",
        "true",
        '"s"',
        "[]",
        "{}",
        "[null]",
        "1e400",
        '[["a"]]',
        '[{"start": 1}]',
    ]
    for field in ("text", "label", "labels", "entities", "context", "question", "answers"):
        for value in values:
            good = GOOD[task].removesuffix("}")
            row = good.replace(f'"{field}"', '"other"') + f', "{field}": {value}}}'
            path = write(tmp_path / "rows.jsonl", f"{GOOD[task]}\n{row}\n")
            error = _error(path, task)
            assert error is None or (error.hint and error.line == 2)


@pytest.mark.parametrize(
    "content",
    [
        '{"entities": [{"start": 0, "end": 1, "label": "x"}]}\n',
        '{"annotations": [{"start": 0}]}\n{"text": "A", "entities": []}\n',
    ],
)
def test_a_first_row_without_its_text_is_a_row_and_not_a_document(
    tmp_path: Path, content: str
) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(DataError, match="there is no column 'text'"):
        read_rows(path, "extraction")
