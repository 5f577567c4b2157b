"""Workbooks: a sheet is read like a CSV table, with the values that a person sees."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from burnish.data import Columns, Rows, read_rows
from burnish.data.readers.table import Table
from burnish.data.readers.tables import open_table
from burnish.data.records import Record, Skip
from burnish.errors import DataError

MAILS = [["text", "label"], ["Late again", "late"], ["All fine", "ok"]]


def book(path: Path, *rows: Sequence[Any], **sheets: Sequence[Sequence[Any]]) -> Path:
    """A workbook of one sheet, and further ones by name."""
    made = openpyxl.Workbook()
    for row in rows:
        made.active.append(list(row))
    for name, cells in sheets.items():
        sheet = made.create_sheet(name)
        for row in cells:
            sheet.append(list(row))
    made.save(path)
    return path


def read(path: Path, **columns: Any) -> Rows:
    return read_rows(path, "classification", columns=Columns(**columns))


def records(table: Table) -> list[Record]:
    return [item for item in table.records() if isinstance(item, Record)]


def refused(path: Path, **columns: Any) -> DataError:
    with pytest.raises(DataError) as caught:
        read(path, **columns)
    return caught.value


def test_a_sheet_is_read_like_a_table_whatever_the_file_is_called(tmp_path: Path) -> None:
    for name in ("mails.xlsx", "mails.csv", "mails"):
        rows = read(book(tmp_path / name, *MAILS))
        assert [(each.id, each.text, each.labels) for each in rows.examples] == [  # type: ignore[attr-defined]
            (f"{name}:2", "Late again", ("late",)),
            (f"{name}:3", "All fine", ("ok",)),
        ]


def test_values_are_those_that_a_person_sees(tmp_path: Path) -> None:
    made = openpyxl.Workbook()
    sheet = made.active
    values = {
        "1": 1,
        "1 ": 1.0,
        "1.5": 1.5,
        "0.3": 0.1 + 0.2,
        "12345678901": 12345678901,
        "TRUE": True,
        "FALSE": False,
        "2026-03-01": dt.date(2026, 3, 1),
        "2026-03-01 12:30:00": dt.datetime.fromisoformat("2026-03-01 12:30"),
        "03:04:00": dt.time(3, 4),
        "#N/A": "#N/A",
        "Zürich\n🙂 e\u0301": "Zürich\n🙂 e\u0301",
    }
    sheet.append(["text"])
    for value in values.values():
        sheet.append([value])
    for cell, number, form in (("B2", 42, "00000"), ("B3", 0.125, "0.0%"), ("B4", 3.14159, "0.00")):
        sheet[cell] = number
        sheet[cell].number_format = form
    sheet["B1"] = "n"
    made.save(tmp_path / "a.xlsx")
    found = records(open_table(tmp_path / "a.xlsx", wanted=("text",)))
    assert [each.fields["text"] for each in found] == [key.rstrip(" ") for key in values]
    assert [each.fields["n"] for each in found[:3]] == ["00042", "12.5%", "3.14159"]


def test_one_visible_sheet_with_rows_is_read_and_several_are_asked_for(tmp_path: Path) -> None:
    assert len(read(book(tmp_path / "one.xlsx", Mails=MAILS, Empty=[]))) == 2
    path = book(tmp_path / "two.xlsx", Mails=MAILS, Old=[["text", "label"], ["x", "y"]])
    error = refused(path)
    assert error.reason == "2 sheets have rows: 'Mails', 'Old'"
    assert error.hint == "say which one to read: data.sheet: Mails"
    assert len(read(path, sheet="Mails")) == 2
    assert "there are: 'Sheet', 'Mails', 'Old'" in refused(path, sheet="mails").reason
    made = openpyxl.load_workbook(path)
    made["Old"].sheet_state = "hidden"
    made.save(path)
    assert len(read(path)) == 2
    assert len(read(path, sheet="Old")) == 1


def test_titles_blank_rows_and_blank_columns_are_not_rows(tmp_path: Path) -> None:
    path = book(
        tmp_path / "office.xlsx",
        ["Complaints 2026"],
        [],
        [None, "No.", None, "text", "label"],
        [None, 1, None, "Late again", "late"],
        [],
        [None, 2, None, "All fine", "ok", None, "my own note"],
    )
    rows = read(path)
    assert [each.id for each in rows.examples] == ["office.xlsx:4", "office.xlsx:6"]
    assert rows.files[0].skipped == {"empty row": 1}
    assert rows.files[0].notes == ("row 3 names the columns; 1 row above it is not read",)
    table = open_table(path, wanted=("nothing",))
    assert table.names == ("", "No.", "", "text", "label")
    assert records(table)[0].fields == {"No.": "1", "text": "Late again", "label": "late"}
    error = refused(path, label="team")
    assert error.reason == "there is no column 'team'; there are: 'No.', 'text', 'label'"
    assert error.place == "row 3"


def test_merged_cells_are_refused_where_a_table_needs_them_apart(tmp_path: Path) -> None:
    for merged, where in (("B1:C1", "name the columns"), ("B2:B3", "2 rows share their value")):
        made = openpyxl.load_workbook(book(tmp_path / "a.xlsx", *MAILS))
        made.active.merge_cells(merged)
        made.save(tmp_path / "a.xlsx")
        error = refused(tmp_path / "a.xlsx")
        assert merged in error.reason
        assert where in error.reason
        assert "unmerge" in error.hint
    made = openpyxl.load_workbook(book(tmp_path / "b.xlsx", ["A title"], *MAILS))
    made.active.merge_cells("A1:B1")
    made.active.merge_cells("C3:E3")
    made.save(tmp_path / "b.xlsx")
    assert len(read(tmp_path / "b.xlsx")) == 2


def test_a_formula_has_its_result_and_one_without_is_named(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", *MAILS, ["So late", '=LOWER("LATE")'])
    error = refused(path)
    assert error.reason.startswith("the formula in B4 has no result")
    assert "save it" in error.hint


def test_rows_are_named_by_their_row(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", *MAILS, ["No label", None])
    assert str(refused(path)).startswith(f"{path}: row 4: the row has no label")
    skips = list(open_table(book(tmp_path / "b.xlsx", *MAILS, [], ["x", "y"]), wanted=()).records())
    assert skips[2] == Skip(id="b.xlsx:4", reason="empty row")
