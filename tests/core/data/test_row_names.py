"""Row names: what a column of IDs names is named so, everywhere; rows keep their own place."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from burnish.data import Columns, Rows, read_rows, restore_split, split_rows
from burnish.data.checking import check_files
from burnish.data.fix import fix_file
from burnish.errors import DataError
from tests.core.data.rows_file import write, write_jsonl
from tests.core.data.test_workbook import book

IDS = Columns(id="No")
CSV = "No,text,label\nMX-1,Late again,late\nMX-2,All fine,ok\n"


def read(path: Path, **columns: Any) -> Rows:
    return read_rows(path, "classification", columns=replace(IDS, **columns))


def refused(path: Path, **columns: Any) -> str:
    with pytest.raises(DataError) as caught:
        read(path, **columns)
    return str(caught.value)


def test_a_row_is_named_by_its_id_in_every_form(tmp_path: Path) -> None:
    rows = [
        {"No": 7, "text": "Late again", "label": "late"},
        {"No": "b:8", "text": "x", "label": "y"},
    ]
    for path in (
        write_jsonl(tmp_path / "a.jsonl", rows),
        book(
            tmp_path / "a.xlsx",
            ["No", "text", "label"],
            [7, "Late again", "late"],
            ["b:8", "x", "y"],
        ),
        write(tmp_path / "a.csv", "No,text,label\n7,Late again,late\nb:8,x,y\n"),
    ):
        found = read(path)
        assert [each.id for each in found.examples] == [f"{path.name}:7", f"{path.name}:b:8"]
        plain = read_rows(path, "classification")
        assert [each.digest for each in plain.examples] == [each.digest for each in found.examples]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("MX-1,x,y\n", "line 4: the ID 'MX-1' in 'No' is also that of line 2"),
        (",x,y\n", "line 4: the row has no ID in 'No'"),
        ("MX-3,x,\n", "line 4: MX-3: the row has no label"),
        ('"MX\n3",x,y\nMX-4,x,\n', "line 6: spreadsheet row 5, MX-4: the row has no label"),
    ],
)
def test_an_error_says_the_id_and_the_place(tmp_path: Path, more: str, said: str) -> None:
    path = write(tmp_path / "a.csv", CSV + more)
    assert refused(path).startswith(f"{path}:{said.removeprefix('line ')}")


def test_a_column_that_is_not_there_is_named_with_those_that_are(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", CSV)
    assert "rename the column, or set data.id: No" in refused(path, id="no")
    path = write_jsonl(tmp_path / "a.jsonl", [{"text": "x", "label": "y"}])
    assert "there is no column 'No'" in refused(path)


def test_findings_say_the_id_and_the_row(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.csv",
        'No,text,label\n11,"Late\nagain",late\n12,"Late\nagain",late\n13,,late\n14,x,\n',
    )
    report = check_files("classification", IDS, files={"train": path}).report
    places = {
        f.kind: (f.rows[0].id, f.rows[0].line, f.rows[0].detail) for f in report.findings if f.rows
    }
    assert places["duplicate"] == (
        "a.csv:12",
        4,
        "line 4, spreadsheet row 3: repeats a.csv:11",
    )
    assert places["empty-text"][:2] == ("a.csv:13", 6)
    assert places["no-label"] == ("a.csv:14", 7, "spreadsheet row 5")


def test_rows_of_a_spreadsheet_are_named_by_their_row_and_keep_their_id(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", 'text,label\n"Late\nagain",late\n"x\nx",ok\nx,\n')
    with pytest.raises(DataError) as caught:
        read_rows(path, "classification")
    assert str(caught.value).startswith(f"{path}:6: spreadsheet row 4: the row has no label")
    assert caught.value.row == "a.csv:6"
    rows = read_rows(path, "classification", columns=Columns(unlabelled="leave_out"))
    assert [(each.id, each.place) for each in rows.examples] == [
        ("a.csv:2", ""),
        ("a.csv:4", "spreadsheet row 3"),
    ]


def test_a_split_is_recorded_by_ids_and_is_the_split_without_them(tmp_path: Path) -> None:
    lines = "".join(f"MX-{n},text {n},{'ab'[n % 2]}\n" for n in range(40))
    path = write(tmp_path / "a.csv", f"No,text,label\n{lines}")
    named, plain = read(path), read_rows(path, "classification")
    split = split_rows(named, validation=0.25, seed=13)
    record = split.record()
    assert all(each.startswith("a.csv:MX-") for each in record.parts["validation"].ids)
    other = split_rows(plain, validation=0.25, seed=13)
    assert other.record().parts["validation"].digests == record.parts["validation"].digests
    assert restore_split(record, train=plain).validation == other.validation


def test_a_cleaned_copy_logs_the_ids_and_keeps_rows_without_one(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", f"{CSV},No ID,ok\nMX-1, twice ,ok\n")
    done = fix_file(path, "classification", columns=IDS, out=tmp_path / "b.jsonl")
    assert done.rows == 4
    assert {touch.row for touch in done.touches} == {"a.csv:5"}
