"""`predict -o` and `evaluate --out`: files with the rows, their answers, and what is private."""

from __future__ import annotations

import csv
import datetime as dt
import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from burnish.cli.progress import Progress
from burnish.cli.terminal import Terminal
from tests.core.batch.sheet import read_sheet
from tests.tiny_onnx import tiny_bundle

ROWS = 'id;body;label\n1;my card;x\n2;;y\n3;"a ""parcel""\nhere 😀";=z\n'


def read(path: Path, delimiter: str = ",") -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream, delimiter=delimiter))


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    path = tmp_path / "rows.csv"
    path.write_text(ROWS, encoding="utf-8")
    return path


def test_a_tables_rows_come_back_with_their_answers(shell, bundles, rows, tmp_path) -> None:
    out = tmp_path / "out.csv"
    done = shell("predict", bundles["classification"], rows, "--text", "body", "-o", out)
    assert (done.code, done.out) == (1, f"{out}: 3 rows\n")
    assert "a column 'label' of its own; the prediction's is 'predicted_label'" in done.notes
    assert "1 of 3 rows could not be answered: see column 'error'" in done.notes
    first, second, third = read(out, ";")
    assert list(first) == [
        *("id", "body", "label", "predicted_label", "score", "abstained", "error")
    ]
    assert (first["predicted_label"], first["abstained"], first["error"]) == (
        "billing",
        "false",
        "",
    )
    assert len(first["score"]) <= 6
    assert (second["predicted_label"], second["error"]) == ("", "the text is empty")
    assert third["body"] == 'a "parcel"\nhere 😀'
    assert (third["label"], third["predicted_label"]) == ("'=z", "delivery")


def test_entities_are_a_json_cell_and_a_list(shell, bundles, tmp_path: Path) -> None:
    texts, text = tmp_path / "texts.txt", "😀 cafe\u0301: anna was in paris"
    texts.write_text(text + "\n", encoding="utf-8")
    cells = []
    for name in ("out.csv", "out.jsonl"):
        assert shell("predict", bundles["extraction"], texts, "-o", tmp_path / name).code == 0
    cells.append(json.loads(read(tmp_path / "out.csv")[0]["entities"]))
    cells.append(json.loads((tmp_path / "out.jsonl").read_text(encoding="utf-8"))["entities"])
    assert cells[0] == cells[1]
    assert [text[e["start"] : e["end"]] for e in cells[0]][-2:] == ["anna", "paris"]


def test_questions_have_an_answer_and_its_place(shell, bundles, tmp_path: Path) -> None:
    table, out = tmp_path / "rows.csv", tmp_path / "out.xlsx"
    table.write_text("question,context\ndays in a week?,that week has seven days\n")
    assert shell("predict", bundles["qa"], table, "-o", out, "--top-k", 2).code == 0
    (row,) = read_sheet(out)
    assert (row["answer"], row["start"], row["end"]) == ("seven", 14.0, 19.0)
    assert len(json.loads(str(row["others"]))) == 1


def test_a_folder_becomes_a_table(shell, bundles, tmp_path: Path) -> None:
    folder, out = tmp_path / "scans", tmp_path / "out.csv"
    (folder / "box 1").mkdir(parents=True)
    (folder / "b.txt").write_text("my invoice")
    (folder / "box 1" / "a.TXT").write_bytes("\ufeffmy parcel".encode())
    (folder / "c.txt").write_bytes(b"caf\xe9")
    (folder / "notes.md").write_text("not one of them")
    assert shell("predict", bundles["classification"], folder, "-o", out).code == 1
    table = read(out)
    assert [(row["file"], row["label"]) for row in table] == [
        ("b.txt", "billing"),
        ("box 1/a.TXT", "delivery"),
        ("c.txt", ""),
    ]
    assert table[-1]["error"] == "the file is not UTF-8: byte 0xe9 at 3"


def test_parquet_keeps_its_types(shell, bundles, tmp_path: Path) -> None:
    import datetime as dt

    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.table({"text": ["my card"], "day": [dt.date(2026, 1, 2)], "n": [[1, 2]]})
    pq.write_table(table, tmp_path / "in.parquet")
    for name in ("out.parquet", "out.jsonl"):
        done = shell(
            "predict", bundles["classification"], tmp_path / "in.parquet", "-o", tmp_path / name
        )
        assert done.code == 0
    back = pq.read_table(tmp_path / "out.parquet")
    assert back.select(table.column_names).to_pylist() == table.to_pylist()
    assert back.schema.field("day").type == pa.date32()
    assert json.loads((tmp_path / "out.jsonl").read_text())["day"] == "2026-01-02"


@pytest.mark.parametrize(
    ("task", "given"), [("extraction", "entities"), ("classification", "labels")]
)
def test_a_threshold_is_overridden(shell, tmp_path: Path, task, given: str) -> None:
    settings: dict[str, Any] = {"multi_label": True} if task == "classification" else {}
    bundle = tiny_bundle(tmp_path / "b", task, **settings)
    found = [
        len(shell("predict", bundle, "invoice anna paris", "--threshold", score).lines[0][given])
        for score in (0, 1)
    ]
    assert found[0] > found[1] == 0


def test_a_task_without_thresholds_says_so(shell, bundles) -> None:
    done = shell("predict", bundles["classification"], "hello", "--threshold", 0.5)
    assert done.code == 2
    assert "no threshold decides what is answered" in done.notes
    assert "--abstain-score" in done.notes


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["-", "-o", "out.csv"], "-o needs a file that can be read again"),
        (["a text", "-o", "out.csv"], "a text: no such file"),
        (["rows.csv", "-o", "out.ods"], "the format cannot be told from the output's ending"),
        (["rows.csv", "-o", "no/out.csv"], "no is not a directory"),
        (["rows.csv", "-o", "rows.csv", "--replace"], "is the input itself"),
        (["a text", "--resume"], "--resume is about an output file"),
    ],
)
def test_a_wrong_destination_exits_2(shell, bundles, rows, monkeypatch, words, message) -> None:
    monkeypatch.chdir(rows.parent)
    done = shell("predict", bundles["classification"], *words)
    assert (done.code, done.out) == (2, "")
    assert message in done.notes
    assert rows.read_text(encoding="utf-8") == ROWS


def test_what_a_workbook_cannot_hold_is_said_first(shell, bundles, tmp_path, monkeypatch) -> None:
    long, out = tmp_path / "long.jsonl", tmp_path / "out.xlsx"
    long.write_text(json.dumps({"text": "card", "note": "😀" * 16_384}) + "\n")
    done = shell("predict", bundles["classification"], long, "-o", out)
    assert done.code == 2
    assert "row 1 has 32,768 characters in 'note', and a cell of .xlsx holds 32,767" in done.notes
    monkeypatch.setattr("burnish.batch.sinks.workbook.WorkbookSink.most_rows", 1)
    long.write_text('{"text": "card"}\n' * 2)
    done = shell("predict", bundles["classification"], long, "-o", out)
    assert "the input has 2 rows, and .xlsx holds 1" in done.notes
    assert [path.name for path in tmp_path.iterdir()] == ["long.jsonl"]


def test_an_answer_that_no_cell_can_hold_is_an_error_of_its_row(shell, bundles, tmp_path) -> None:
    texts, out = tmp_path / "texts.txt", tmp_path / "out.xlsx"
    texts.write_text("paris\n" + "paris and " * 500 + "\n")
    assert shell("predict", bundles["extraction"], texts, "-o", out).code == 1
    first, last = read_sheet(out)
    assert "error" not in first
    assert str(last["error"]).startswith("'entities' would have ")
    assert "a cell holds 32,767; write .csv" in str(last["error"])


def test_an_output_is_open_to_nobody_that_the_input_is_not(shell, bundles, rows, tmp_path) -> None:
    rows.chmod(0o600)
    out = tmp_path / "out.csv"
    shell("predict", bundles["classification"], rows, "--text", "body", "-o", out)
    assert out.stat().st_mode & 0o777 == 0o600


def test_progress_is_a_line_now_and_then(capsys) -> None:
    seconds = iter(range(0, 10_000, 20))
    progress = Progress(Terminal(), clock=lambda: float(next(seconds)))
    assert list(progress(iter("abcdef"), 10, 4)) == list("abcdef")
    assert capsys.readouterr().err == (
        "6 of 10 rows (60.0 %), 20 s per row, 80 s left\n"
        "8 of 10 rows (80.0 %), 20 s per row, 40 s left\n"
        "6 rows in 2 min (23 s per row)\n"
    )


GOLD = (
    '{"text": "<b>anna</b> was in paris", "entities": [{"start": 3, "end": 7, "label": "person"}, '
    '{"start": 8, "end": 10, "label": "place"}]}\n'
    '{"text": "anna", "entities": [{"start": 0, "end": 4, "label": "person"}]}\n'
)


def test_wrong_answers_are_marked_in_their_own_texts(shell, bundles, tmp_path: Path) -> None:
    data, out = tmp_path / "rows.jsonl", tmp_path / "errors.html"
    data.write_text(GOLD)
    done = shell("evaluate", bundles["extraction"], data, "--out", out)
    assert "1 row with its texts, readable by you alone" in done.notes
    assert out.stat().st_mode & 0o777 == 0o600
    page = out.read_text(encoding="utf-8")
    assert '&lt;b&gt;<mark class="right">anna</mark><span class="tag right">✓ person</span>' in page
    assert '<span class="tag missed">missed: place</span>' in page
    assert (
        '<mark class="predicted">paris</mark><span class="tag predicted">predicted: place' in page
    )
    assert "<script" not in page
    assert "holds the texts of your rows" in page
    again = shell("evaluate", bundles["extraction"], data, "--out", out)
    assert (again.code, "use --replace" in again.notes) == (2, True)
    shell("evaluate", bundles["extraction"], data, "--out", out, "--replace", "--all")
    assert out.read_text(encoding="utf-8").count("<article>") == 2


@pytest.mark.parametrize("name", ["errors.csv", "errors.xlsx", "errors.jsonl", "errors.parquet"])
def test_wrong_answers_are_a_table(shell, bundles, tmp_path: Path, name: str) -> None:
    data, out = tmp_path / "tickets.csv", tmp_path / name
    data.write_text("text,label\nmy invoice,billing\nthe courier,billing\n")
    shell("evaluate", bundles["classification"], data, "--out", out)
    assert out.stat().st_mode & 0o777 == 0o600
    if name == "errors.csv":
        (row,) = read(out)
        assert list(row) == [
            *("row", "text", "gold", "predicted", "score", "abstained", "right", "kind")
        ]
        assert (row["row"], row["text"]) == ("tickets.csv:3", "the courier")
        assert (row["gold"], row["predicted"], row["right"]) == ("billing", "delivery", "false")


def test_a_workbooks_numbers_and_dates_stay_what_they_are(shell, bundles, tmp_path) -> None:
    made = openpyxl.Workbook()
    sheet = made.active
    sheet.append(["id", "text", "paid", "share", "day", "at", "took", "ok", "code"])
    moment = dt.datetime(2026, 5, 17, 9, 30)  # noqa: DTZ001, a sheet has no zones
    sheet.append(
        [
            7,
            "my card",
            12.5,
            0.125,
            dt.date(2026, 5, 17),
            moment,
            dt.timedelta(hours=30),
            True,
            "07",
        ]
    )
    sheet.append([8, 42, 1234.5, 2, moment, dt.time(9, 30), None, False, "=x"])
    formats = {
        "A2": "00000",
        "C2": '#,##0.00 "€"',
        "D2": "0.0%",
        "E2": "dd.mm.yyyy",
        "E3": "mm-dd-yy",
    }
    for cell, form in formats.items():
        sheet[cell].number_format = form
    sheet["I3"].data_type = "s"  # a text, not a formula
    rows, out = tmp_path / "rows.xlsx", tmp_path / "out.xlsx"
    made.save(rows)
    assert shell("predict", bundles["classification"], rows, "-o", out).code == 0
    before = openpyxl.load_workbook(rows).active
    after = openpyxl.load_workbook(out).active
    for name in (f"{column}{row}" for column in "ABCDEFGHI" for row in (2, 3)):
        old, new = before[name], after[name]
        assert (new.value, new.data_type) == (old.value, old.data_type), name
        assert new.number_format == old.number_format, name
    for ending in ("csv", "jsonl", "parquet"):
        other = tmp_path / f"out.{ending}"
        assert shell("predict", bundles["classification"], rows, "-o", other).code == 0
    assert [row["paid"] for row in read(tmp_path / "out.csv")] == ["12.5", "1234.5"]
    assert [row["day"] for row in read(tmp_path / "out.csv")] == [
        "2026-05-17",
        "2026-05-17 09:30:00",
    ]


def test_a_formula_without_a_result_is_an_empty_cell(shell, bundles, tmp_path) -> None:
    made = openpyxl.Workbook()
    made.active.append(["text", "sum"])
    made.active.append(["my card", "=1+1"])
    made.active.append(['=LOWER("PARCEL")', 2])
    rows, out = tmp_path / "rows.xlsx", tmp_path / "out.xlsx"
    made.save(rows)
    done = shell("predict", bundles["classification"], rows, "-o", out)
    assert done.code == 1
    assert "the formula in B2 has no result, so it is read as an empty cell" in done.notes
    assert "1 of 2 rows could not be answered" in done.notes
    sheet = openpyxl.load_workbook(out).active
    assert [sheet["B2"].value, sheet["C2"].value, sheet["B3"].value] == [None, "billing", 2]
    refused = shell("predict", bundles["classification"], rows)
    assert "the formula in B2 has no result" in refused.notes
    assert "save it" in refused.notes
