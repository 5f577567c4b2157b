"""A column per label: read where it is named, found where no column holds labels."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from burnish.data import Columns, read_rows
from burnish.errors import DataError
from tests.core.data.rows_file import write, write_jsonl

TABLE = "text,late,wet,count\nA b,1,0,7\nC d,1,1,8\nE f,0,0,9\n"
NAMED = Columns(label_columns=("wet", "late"))


def test_columns_that_say_1_or_0_are_found_and_the_hint_leads_on(tmp_path: Path) -> None:
    path = write(tmp_path / "rows.csv", TABLE)
    with pytest.raises(DataError, match=r"rows\.csv:1: .*'late', 'wet' hold 1 or 0") as caught:
        read_rows(path, "classification")
    assert caught.value.hint == "name them: data.label_columns: [late,wet]"
    rows = read_rows(path, "classification", columns=NAMED)
    assert [each.labels for each in rows.examples] == [("late",), ("late", "wet"), ()]  # type: ignore[attr-defined]
    assert rows.multi_label


@pytest.mark.parametrize("suffix", ["jsonl", "json"])
def test_label_columns_of_json_are_found_too(tmp_path: Path, suffix: str) -> None:
    objects = [{"text": "A b", "late": True, "wet": False}, {"text": "C d", "late": 0, "wet": 1}]
    path = write_jsonl(tmp_path / "rows.jsonl", objects)
    if suffix == "json":
        path = write(tmp_path / "rows.json", json.dumps(objects, indent=2))
    with pytest.raises(DataError, match="column per label: 'late', 'wet' hold 1 or 0") as caught:
        read_rows(path, "classification")
    assert caught.value.hint == "name them: data.label_columns: [late,wet]"
    assert read_rows(path, "classification", columns=NAMED).multi_label


def test_a_table_of_other_columns_is_missing_its_label(tmp_path: Path) -> None:
    path = write(tmp_path / "rows.csv", "text,count,size\nA b,7,1\nC d,8,2\n")
    with pytest.raises(DataError, match="there is no column 'label'"):
        read_rows(path, "classification")


@pytest.mark.parametrize(
    ("yes", "no"), [(1, 0), (True, False), ("yes", None), (1.0, ""), ("X", "0.0")]
)
def test_yes_and_no_have_more_than_one_form(tmp_path: Path, yes: object, no: object) -> None:
    path = write_jsonl(tmp_path / "rows.jsonl", [{"text": "A b", "late": yes, "wet": no}])
    (row,) = read_rows(path, "classification", columns=NAMED).examples
    assert row.labels == ("late",)  # type: ignore[attr-defined]


def test_what_is_neither_and_what_is_missing_are_named(tmp_path: Path) -> None:
    path = write(tmp_path / "rows.csv", "text,late,wet\nA b,1,perhaps\n")
    with pytest.raises(DataError, match=r"rows\.csv:2: .*'wet' has neither 1 nor 0: 'perhaps'"):
        read_rows(path, "classification", columns=NAMED)
    with pytest.raises(DataError, match="there is no column 'lost'"):
        read_rows(path, "classification", columns=Columns(label_columns=("lost",)))
