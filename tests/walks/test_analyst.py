"""The analyst: a workbook with a title, blank rows, dates and IDs, and a table back.

burnish up complaints.xlsx, burnish serve, burnish predict july.xlsx -o july-answered.xlsx
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from tests.walks.conftest import serving

openpyxl = pytest.importorskip("openpyxl", reason="needs the extra excel")
pytest.importorskip("xlsxwriter", reason="needs the extra excel")

SAID = {"billing": "my invoice of {n} euro is wrong", "delivery": "the parcel number {n} is late"}


def write_book(path: Path, rows: list[list[Any]]) -> None:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(path)


def read_book(path: Path) -> list[dict[str, Any]]:
    header, *rows = openpyxl.load_workbook(path).active.iter_rows(values_only=True)
    return [dict(zip(header, row, strict=True)) for row in rows]


def test_from_a_workbook_to_a_served_model_and_a_workbook_back(walk, small, tmp_path) -> None:
    rows: list[list[Any]] = [["Complaints of June 2026"], [], ["No.", "Date", "Message", "Team"]]
    for number in range(60):
        team = ("billing", "delivery")[number % 2]
        text = SAID[team].format(n=number)
        rows.append([f"MX-{number:03}", dt.date(2026, 6, 1 + number % 30), text, team])
        if number % 20 == 19:
            rows.append([])
    write_book(tmp_path / "complaints.xlsx", rows)
    out = walk("up", "complaints.xlsx", *small, "--no-serve")
    assert "60 rows" in out
    recipe = (tmp_path / "complaints.yaml").read_text(encoding="utf-8")
    assert "id: No." in recipe
    record = (tmp_path / "runs" / "complaints" / "record.json").read_text(encoding="utf-8")
    assert "complaints.xlsx:MX-000" in record

    bundle = tmp_path / "bundles" / "complaints"
    with serving(bundle) as client:
        answer, *_ = client.ask("/classify", {"inputs": "my invoice is wrong"})
    assert answer["label"] in SAID

    july = [["No.", "Message", "Seen"], ["MX-101", "the parcel 😀 is late", "yes"]]
    write_book(tmp_path / "july.xlsx", [*july, ["MX-102", None, "no"]])
    words = ("predict", bundle, "july.xlsx", "--text", "Message", "-o", "july-answered.xlsx")
    walk(*words, code=1)
    first, second = read_book(tmp_path / "july-answered.xlsx")
    assert (first["No."], first["Message"], first["Seen"]) == (
        "MX-101",
        "the parcel 😀 is late",
        "yes",
    )
    assert first["label"] in SAID
    assert (second["No."], second["label"], second["error"]) == (
        "MX-102",
        None,
        "the text is empty",
    )
