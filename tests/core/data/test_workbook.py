"""Workbooks: a sheet is read like a CSV table, with the values that a person sees."""

from __future__ import annotations

import datetime as dt
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from burnish.data import Columns, Rows, read_rows
from burnish.data.readers.table import Table
from burnish.data.readers.tables import open_table
from burnish.data.records import Record, Skip
from burnish.errors import DataError, MissingExtraError

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


def test_a_column_per_label_is_found_and_named(tmp_path: Path) -> None:
    header = ["text", "very late", "wet"]
    path = book(tmp_path / "a.xlsx", header, ["A b", True, 0], ["C d", 1, 1.0])
    error = refused(path)
    assert error.hint == "name them: data.label_columns: [very late,wet]"
    rows = read(path, label_columns=("very late", "wet"))
    assert [each.class_names for each in rows.examples] == [("very late",), ("very late", "wet")]


def test_a_hint_with_a_name_of_several_words_can_be_followed(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", **{"June 2026": MAILS, "July": MAILS})
    assert refused(path).hint == "say which one to read: data.sheet: 'June 2026'"
    path = book(tmp_path / "b.xlsx", ["Text body", "label"], *MAILS[1:])
    assert refused(path, text="text body").hint.endswith("set data.text: 'Text body'")


def test_a_workbook_that_is_cut_short_or_broken_is_named(tmp_path: Path) -> None:
    content = book(tmp_path / "a.xlsx", *MAILS).read_bytes()
    for end in range(40, len(content), 331):
        (tmp_path / "b.xlsx").write_bytes(content[:end])
        assert refused(tmp_path / "b.xlsx").hint
    for member in ("xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/styles.xml"):
        for text in (b"", b"<a", b"\x00<a/>", b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"):
            _with_member(tmp_path, member, text)
            assert refused(tmp_path / "b.xlsx").hint, (member, text)


def test_a_workbook_that_unpacks_to_too_much_is_refused_whatever_it_says(tmp_path: Path) -> None:
    _with_member(tmp_path, "xl/theme/theme1.xml", b"<sst>" + bytes(80 << 20))
    path = tmp_path / "b.xlsx"
    assert "unpacks to more than 64 MiB" in refused(path).reason
    content = path.read_bytes()
    size = ((80 << 20) + 5).to_bytes(4, "little")
    assert size in content
    path.write_bytes(content.replace(size, (100).to_bytes(4, "little")))
    assert "unpacks to more than 64 MiB" in refused(path).reason


def test_two_cells_far_apart_are_two_cells(tmp_path: Path) -> None:
    made = openpyxl.Workbook()
    for cell, value in {"A1": "text", "B1": "label", "A2": "x", "B2": "y", "XFD3000": "z"}.items():
        made.active[cell] = value
    made.save(tmp_path / "a.xlsx")
    rows = read(tmp_path / "a.xlsx")
    assert (len(rows), rows.files[0].skipped) == (1, {"empty row": 2998})


def test_without_the_library_the_extra_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = book(tmp_path / "a.xlsx", *MAILS)
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(MissingExtraError) as caught:
        read(path)
    assert caught.value.hint == "pip install 'burnish[excel]'"


def _with_member(folder: Path, member: str, text: bytes) -> None:
    """The workbook ``b.xlsx``, with another text for a part of it."""
    with (
        zipfile.ZipFile(book(folder / "a.xlsx", *MAILS)) as before,
        zipfile.ZipFile(folder / "b.xlsx", "w", zipfile.ZIP_DEFLATED) as after,
    ):
        for name in before.namelist():
            after.writestr(name, text if name == member else before.read(name))


SHEET = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">
<dimension ref="A1:A1"/>
<sheetData>
<row r="1" spans="1:3"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c></row>
<row r="2"><c r="A2" t="s"><v>2</v></c><c r="B2" t="str"><f>LOWER("LATE")</f><v>late</v></c></row>
<row r="3"><c r="A3" t="s"><v>3</v></c><c r="B3" t="str"><f>IF(1,"","")</f><v></v></c></row>
<row r="5"><c r="A5" s="1"><v>46082</v></c><c r="B5" t="e"><f>NA()</f><v>#N/A</v></c></row>
<row r="6"><c r="A6" t="b"><v>1</v></c><c r="B6"><f>1+1</f><v>2</v></c></row>
<row r="9" hidden="1"/>
</sheetData></worksheet>"""
"""As Excel 365 saves a sheet: strings by number, results of formulas, a dimension that is wrong."""
STRINGS = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" count="4" uniqueCount="4">
<si><t>text</t></si><si><t xml:space="preserve">label </t></si>
<si><r><t xml:space="preserve">Late </t></r><r><rPr><b/></rPr><t>again</t></r></si>
<si><t>two_x000D_
lines 🙂</t></si></sst>"""


def test_a_sheet_as_excel_saves_it_is_read(tmp_path: Path) -> None:
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    spread = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types"><Default Extension="rels" '
        f'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{spread}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{spread}.worksheet+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{spread}.styles+xml"/>'
        f'<Override PartName="/xl/sharedStrings.xml" ContentType="{spread}.sharedStrings+xml"/>'
        "</Types>",
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="rId1" '
        f'Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets>'
        '<sheet name="Mails" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships">'
        f'<Relationship Id="rId1" Type="{office}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="rId2" Type="{office}/styles" Target="styles.xml"/>'
        f'<Relationship Id="rId3" Type="{office}/sharedStrings" Target="sharedStrings.xml"/>'
        "</Relationships>",
        "xl/styles.xml": f'<styleSheet xmlns="{main}"><fonts><font/></fonts>'
        "<fills><fill><patternFill/></fill></fills>"
        "<borders><border/></borders><cellStyleXfs><xf/></cellStyleXfs><cellXfs><xf/>"
        '<xf numFmtId="14" applyNumberFormat="1"/></cellXfs></styleSheet>',
        "xl/sharedStrings.xml": STRINGS,
        "xl/worksheets/sheet1.xml": SHEET,
    }
    path = tmp_path / "mails.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    found = records(open_table(path, wanted=("text", "label")))
    assert [(each.position, *each.fields.values()) for each in found] == [
        ("2", "Late again", "late"),
        ("3", "two\r\nlines 🙂", ""),
        ("5", "2026-03-01", "#N/A"),
        ("6", "TRUE", "2"),
    ]
    rows = read(path, unlabelled="leave_out")
    assert rows.files[0].skipped == {"no label": 2, "empty row": 1}


def test_a_sheet_of_tokens_holds_entities(tmp_path: Path) -> None:
    header = ["Sentence #", "Word", "POS", "Tag"]
    tokens: list[list[Any]] = [["Sentence: 1", "Ann", "NNP", "B-PER"], [None, "left", "VBD", "O"]]
    path = book(tmp_path / "a.xlsx", header, *tokens, ["Sentence: 2", "He", "PRP", "O"])
    rows = read_rows(path, "extraction")
    assert [each.input_text for each in rows.examples] == ["Ann left", "He"]
    assert rows.examples[0].class_names == ("PER",)
    with pytest.raises(DataError, match="is an Excel file, which cannot hold qa rows"):
        read_rows(path, "qa")
