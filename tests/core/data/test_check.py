"""Checking: every finding says what, how often, where and how to fix it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from burnish.data import (
    CheckReport,
    Finding,
    Rows,
    check_rows,
    read_rows,
    render_report,
    split_rows,
)
from burnish.data.check import check_parts
from burnish.errors import DataError
from tests.core.data.example_rows import entities, labelled, questions, rows_of
from tests.core.data.rows_file import write, write_jsonl


def _found(report: CheckReport) -> dict[str, Finding]:
    return {finding.kind: finding for finding in report.findings}


def _check(path: Path, content: list[object], *, task: str = "classification") -> CheckReport:
    return check_rows(read_rows(write_jsonl(path, content), task))


def test_clean_rows_have_nothing_to_fix() -> None:
    report = check_rows(labelled("abc" * 40))
    assert report.findings == ()
    assert report.ok
    assert report.labels == {"a": 40, "b": 40, "c": 40}
    assert "nothing to fix" in render_report(report)


def test_lengths_are_of_characters_and_words(tmp_path: Path) -> None:
    texts = ["é", "one two", *["three four five"] * 18]
    report = _check(tmp_path / "rows.jsonl", [{"text": text, "label": "a"} for text in texts])
    assert (report.words.mean, report.words.median, report.words.longest) == (2.9, 3, 3)
    assert (report.characters.mean, report.characters.p95) == (13.9, 15)


def test_duplicates_and_conflicts_have_their_places(tmp_path: Path) -> None:
    content: list[object] = [
        {"text": "Same text", "label": "a"},
        {"text": "same  TEXT", "label": "a"},
        {"text": "third one", "label": "a"},
        {"text": "Other", "label": "a"},
        {"text": "other", "label": "b"},
        {"text": "third", "label": "b"},
    ]
    found = _found(_check(tmp_path / "rows.jsonl", content))
    assert [str(row) for row in found["duplicate"].rows] == ["rows.jsonl:2 (repeats rows.jsonl:1)"]
    assert [row.line for row in found["conflicting-labels"].rows] == [4, 5]
    assert found["conflicting-labels"].message.startswith("1 text has")


def test_answers_of_one_question_may_conflict(tmp_path: Path) -> None:
    row = {"context": "It was 1932.", "question": "When?"}
    gold = {"text": "1932", "start": 7}
    content: list[object] = [{**row, "answers": [gold]}, {**row, "answers": []}]
    assert "conflicting-answers" in _found(_check(tmp_path / "rows.jsonl", content, task="qa"))
    same: list[object] = [{**row, "answers": [gold]}, {**row, "answers": [gold]}]
    assert "duplicate" in _found(_check(tmp_path / "rows.jsonl", same, task="qa"))


def test_rare_and_similar_labels_are_named() -> None:
    found = _found(check_rows(labelled(["bill"] * 3 + ["Bill"] * 2 + ["late_fee"])))
    assert [row.line for row in found["single-row-label"].rows] == [6]
    assert "late_fee" in found["single-row-label"].message
    assert "'bill' and 'Bill'" in found["labels-alike"].message


def test_entities_with_outer_space_are_named(tmp_path: Path) -> None:
    row = {"text": "in Oslo now", "entities": [{"start": 2, "end": 7, "label": "city"}]}
    report = _check(tmp_path / "rows.jsonl", [row], task="extraction")
    assert [row.detail for row in _found(report)["span-whitespace"].rows] == ["characters 2-7"]
    assert report.labels == {"city": 1}


def test_skipped_rows_are_found_with_their_lines(tmp_path: Path) -> None:
    path = write(tmp_path / "rows.csv", "text,label\nA,x\n ,x\nB,y\n\nA c,x\nB c,y\n")
    report = check_rows(read_rows(path, "classification"))
    assert report.skipped == {"empty text": 1, "blank line": 1}
    found = _found(report)
    assert [row.line for row in found["empty-text"].rows] == [3]
    assert [row.line for row in found["blank-line"].rows] == [5]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (labelled("aaaa"), "all rows have one label"),
        (entities([[], []]), "no row has an entity"),
        (questions([[False], [False]]), "no question has an answer"),
        (
            rows_of("classification", labelled([(), ()]).examples, multi_label=True),
            "no row has a label",
        ),
        (labelled([("a", "b"), ("a", "b")]), "every row has the same labels"),
    ],
)
def test_rows_that_teach_nothing_are_an_error(rows: object, message: str) -> None:
    report = check_rows(rows)  # type: ignore[arg-type]
    assert not report.ok
    assert message in _found(report)["nothing-to-learn"].message


def test_a_label_that_every_row_has_is_named() -> None:
    found = _found(check_rows(labelled([("all", "a"), ("all", "b"), ("all",)])))
    assert "every row has 1 label, so no row shows when it is not given: all" in (
        found["constant-label"].message
    )
    usual = check_rows(labelled([("a",), ("a", "b"), ("b",)]))
    assert "constant-label" not in _found(usual)


def test_files_of_two_forms_are_an_error_as_in_training() -> None:
    train, test = labelled("ab" * 60), labelled([("a",), ("b",)], name="test.jsonl")
    report = check_parts({"train": train, "test": test})
    message = "test.jsonl has any number of labels per row, rows.jsonl one label per row"
    assert (report.ok, _found(report)["mixed-forms"].message) == (False, message)
    assert check_parts({"train": train, "test": labelled("ab", name="test.jsonl")}).ok
    with pytest.raises(DataError, match=message):
        split_rows(train, validation=test, seed=1)


@pytest.mark.parametrize(
    "rows",
    [
        rows_of("classification", labelled([(), (), ()]).examples, multi_label=True),
        entities([[], [], []]),
    ],
)
def test_rows_without_any_label_are_refused_by_training_too(rows: Rows) -> None:
    with pytest.raises(DataError, match=r"no training row has an? (label|entity)"):
        split_rows(rows, validation=0.34, seed=1)


@pytest.mark.parametrize(
    ("rows", "named"),
    [
        (labelled("ab" * 5), True),
        (labelled([("a",), ("a", "b")] * 5), False),
        (entities([["x"]] * 10), False),
        (questions([[True]] * 10), False),
    ],
)
def test_setfit_is_advised_for_the_rows_that_it_can_learn_from(rows: Rows, named: bool) -> None:
    assert ("setfit" in _found(check_rows(rows))["little-data"].fix) is named


def test_real_labels_with_many_rows_are_no_slips() -> None:
    counts = {"hypertension": 1000, "hypotension": 40}
    many = check_rows(labelled([name for name, n in counts.items() for _ in range(n)]))
    assert "mistyped-label" not in _found(many)
    few = check_rows(labelled(["hypertension"] * 100 + ["hypertensoin"] * 3))
    assert "'hypertensoin' for 'hypertension'" in _found(few)["mistyped-label"].message


def test_the_report_is_json_and_text(tmp_path: Path) -> None:
    content: list[object] = [{"text": "A bc", "label": "x"}] * 5
    report = _check(tmp_path / "rows.jsonl", content)
    document = json.loads(json.dumps(report.to_json()))
    assert document["ok"] is False
    assert document["rows"] == 5
    assert {finding["kind"] for finding in document["findings"]} == {
        "nothing-to-learn",
        "little-data",
        "duplicate",
    }
    assert document["findings"][0]["rows"][0]["line"] == 1
    shown = "; ".join(f"rows.jsonl:{line} (repeats rows.jsonl:1)" for line in (2, 3, 4))
    assert render_report(report).splitlines() == [
        f"{tmp_path / 'rows.jsonl'}: 5 classification rows",
        "  characters  mean 4, median 4, 95 % up to 4, longest 4",
        "  words       mean 2, median 2, 95 % up to 2, longest 2",
        "labels",
        "  x  5",
        "error: nothing-to-learn: all rows have one label [rows.jsonl:1]",
        "  add rows of other labels",
        "warning: little-data: 5 rows are too few to fine-tune a model well [rows.jsonl:1]",
        f"  {_named(report, 'little-data').fix}",
        f"note: duplicate: {_named(report, 'duplicate').message} [{shown}, and 1 more]",
        f"  {_named(report, 'duplicate').fix}",
        "3 findings",
    ]


def _named(report: CheckReport, kind: str) -> Finding:
    return _found(report)[kind]
