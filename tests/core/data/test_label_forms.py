"""Labels: what stands for none is none, printed lists are refused, and each is fixed if certain."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from burnish.data import Columns, check_rows, read_rows
from burnish.data.checking import check_files
from burnish.data.checks.finding import Finding
from burnish.data.fix import fix_file
from burnish.data.label_forms import NO_LABEL, bare_label, printed_list
from burnish.data.split_record import PartName
from burnish.errors import DataError
from tests.core.data.example_rows import labelled
from tests.core.data.rows_file import write, write_jsonl


def _rows(labels: list[Any], *, key: str = "label") -> list[dict[str, Any]]:
    return [{"text": f"text number {n}", key: label} for n, label in enumerate(labels)]


def _found(path: Path, *, test: Path | None = None) -> dict[str, Finding]:
    files: dict[PartName, Path] = {"train": path} if test is None else {"train": path, "test": test}
    report = check_files("classification", Columns(), files=files).report
    return {finding.kind: finding for finding in report.findings}


def _fixed(path: Path, columns: Columns | None = None, **options: Any) -> list[dict[str, Any]]:
    out = path.with_name("fixed.jsonl")
    fix_file(path, "classification", columns=columns or Columns(), out=out, **options)
    return [json.loads(line) for line in out.read_text().splitlines()]


@pytest.mark.parametrize("mark", NO_LABEL)
def test_what_programs_write_for_no_value_is_no_label(tmp_path: Path, mark: str) -> None:
    path = write(tmp_path / "rows.csv", f"text,label\nA b,x\nC d,{mark}\nE f,y\n")
    with pytest.raises(DataError, match=r"rows\.csv:3: .* means no label") as caught:
        read_rows(path, "classification")
    assert "data.no_label: ''" in caught.value.hint
    assert [row.line for row in _found(path)["no-label"].rows] == [3]
    meant = read_rows(path, "classification", columns=Columns(no_label=()))
    assert meant.examples[1].labels == (mark,)  # type: ignore[attr-defined]


@pytest.mark.parametrize("value", [float("nan"), None])
def test_a_value_that_is_nothing_is_no_label(tmp_path: Path, value: object) -> None:
    path = write_jsonl(tmp_path / "rows.jsonl", _rows(["x", value, "y"]))
    assert [row.line for row in _found(path)["no-label"].rows] == [2]


def test_what_may_be_a_class_as_well_is_a_warning() -> None:
    found = {each.kind: each for each in check_rows(labelled(["a"] * 3 + ["NA", "n/a"])).findings}
    assert found["doubtful-label"].severity == "warning"
    assert "'NA' (1 row), 'n/a' (1 row)" in found["doubtful-label"].message
    clean = check_rows(labelled("abc" * 40)).findings
    assert "doubtful-label" not in {each.kind for each in clean}


def test_a_doubtful_label_is_none_where_the_advice_is_followed(tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "rows.jsonl", _rows(["x", "NA", "y"]))
    with pytest.raises(DataError, match="'NA' means no label"):
        read_rows(path, "classification", columns=Columns(no_label=("NA",)))


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("['a']", ("a",)),
        ("['a', 'b c']", ("a", "b c")),
        ('["a","b"]', ("a", "b")),
        ("[]", ()),
        ("('a',)", ("a",)),
        ("{'a', 'b'}", ("a", "b")),
        ("['a' 'b']", ("a", "b")),
        ("array(['a', 'b'], dtype=object)", ("a", "b")),
        ("[1, 2]", ("1", "2")),
        ('["it\'s"]', ("it's",)),
        ("[unk]", None),
        ("(late)", None),
        ("(2024)", None),
        ("{}", None),
        ("a [b]", None),
        ("", None),
    ],
)
def test_printed_lists_are_told_from_labels(text: str, labels: tuple[str, ...] | None) -> None:
    assert printed_list(text) == labels


def test_printed_lists_of_one_become_labels(tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "rows.jsonl", _rows(["['a']", "b", "('a',)"]))
    with pytest.raises(DataError, match="printed as text"):
        read_rows(path, "classification")
    assert [row.line for row in _found(path)["printed-label"].rows] == [1, 3]
    assert [row["label"] for row in _fixed(path)] == ["a", "b", "a"]


def test_printed_lists_of_several_become_lists_in_every_row(tmp_path: Path) -> None:
    labels = ["['a']", "b", "['a', 'b']", "[]", "None"]
    path = write_jsonl(tmp_path / "rows.jsonl", _rows(labels))
    rows = _fixed(path)
    assert [row.get("labels") for row in rows] == [["a"], ["b"], ["a", "b"], []]
    assert all("label" not in row for row in rows)
    aside = tmp_path / "fixed.unlabelled.jsonl"
    assert len(aside.read_text(encoding="utf-8").splitlines()) == 1


@pytest.mark.parametrize("separator", [None, ","])
def test_a_printed_list_under_labels_is_named_as_one(tmp_path: Path, separator) -> None:
    columns = Columns(separator=separator)
    path = write_jsonl(tmp_path / "rows.jsonl", _rows(["['a', 'b']", "['a']"], key="labels"))
    with pytest.raises(DataError, match="printed as text"):
        read_rows(path, "classification", columns=columns)
    assert [row["labels"] for row in _fixed(path, columns)] == [["a", "b"], ["a"]]


def test_numbers_and_truth_values_are_labels_by_their_names(tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "rows.jsonl", _rows([0, 1.0, True, "2"]))
    rows = read_rows(path, "classification")
    assert [each.labels for each in rows.examples] == [("0",), ("1",), ("true",), ("2",)]  # type: ignore[attr-defined]


def test_whole_numbers_with_decimals_in_one_of_two_files_are_one_label(tmp_path: Path) -> None:
    train = write(tmp_path / "train.csv", "text,label\nA b,1.0\nC d,2.0\nE f,1.0\n")
    test = write(tmp_path / "test.csv", "text,label\nG h,1\nI j,2\n")
    found = _found(train, test=test)
    assert "'1' and '1.0'" in found["labels-alike"].message
    assert "'1' as '1.0'" in found["unseen-label"].fix
    assert [row["label"] for row in _fixed(train, settled=("1", "2"))] == ["1", "2", "1"]


def test_both_forms_of_a_number_in_a_file_become_the_whole_one(tmp_path: Path) -> None:
    path = write(tmp_path / "rows.csv", "text,label\nA b,1.0\nC d,1.0\nE f,1\nG h,2.5\n")
    assert [row["label"] for row in _fixed(path)] == ["1", "1", "1", "2.5"]


def test_decimals_that_stand_alone_are_left(tmp_path: Path) -> None:
    path = write(tmp_path / "rows.csv", "text,label\nA b,1.0\nC d,1.5\n")
    assert "labels-alike" not in _found(path)
    assert [row["label"] for row in _fixed(path)] == ["1.0", "1.5"]


@pytest.mark.parametrize("quotes", ['""', "''", "“”"])
def test_quotes_around_a_label_are_found_and_removed(tmp_path: Path, quotes: str) -> None:
    labels = [f"{quotes[0]}{name}{quotes[1]}" for name in "ab"]
    path = write_jsonl(tmp_path / "rows.jsonl", _rows([*labels, "a"]))
    assert [row.line for row in _found(path)["quoted-label"].rows] == [1, 2]
    assert [row["label"] for row in _fixed(path)] == ["a", "b", "a"]


@pytest.mark.parametrize("label", ['"a" and "b"', "rock 'n'", '""', "'tis"])
def test_quotes_inside_a_label_stay(label: str) -> None:
    assert bare_label(label) == label


def test_numbers_have_the_names_that_the_recipe_gives_them(tmp_path: Path) -> None:
    names = Columns(label_names=("late", "ok"))
    for value in (1, 1.0, "1", "ok"):
        path = write_jsonl(tmp_path / "a.jsonl", _rows([0, value]))
        rows = read_rows(path, "classification", columns=names)
        assert [each.class_names for each in rows.examples] == [("late",), ("ok",)]
    path = write_jsonl(tmp_path / "b.jsonl", _rows([[0, 1], [1]], key="labels"))
    rows = read_rows(path, "classification", columns=names)
    assert [each.class_names for each in rows.examples] == [("late", "ok"), ("ok",)]
    path = write(tmp_path / "c.csv", "text,label\nx,0\ny,1\nz,0|1\n")
    rows = read_rows(path, "classification", columns=Columns(**{**asdict(names), "separator": "|"}))
    assert rows.examples[2].class_names == ("late", "ok")


@pytest.mark.parametrize(("value", "said"), [(2, "the label 2 has no name"), (-1, "no label")])
def test_a_number_without_a_name_is_refused_and_minus_one_is_none(
    tmp_path: Path, value: int, said: str
) -> None:
    path = write_jsonl(tmp_path / "a.jsonl", _rows([0, value]))
    with pytest.raises(DataError, match=said) as caught:
        read_rows(path, "classification", columns=Columns(label_names=("late", "ok")))
    assert caught.value.line == 2
