"""Every command writes any text, to terminals of any encoding."""

from __future__ import annotations

import io
import json
import os
import sys
from pathlib import Path

import pytest

from burnish.cli import main
from burnish.data import Columns, read_rows
from burnish.errors import DataError
from tests.core.data.rows_file import write

HALF = r"\ud83d"


def _latin_1(monkeypatch: pytest.MonkeyPatch) -> io.BytesIO:
    """What a terminal in Latin-1 gets from here on, as bytes."""
    seen = io.BytesIO()
    screen = io.TextIOWrapper(seen, encoding="latin-1", write_through=True)
    monkeypatch.setattr(sys, "stdout", screen)
    monkeypatch.setattr(sys, "stderr", screen)
    return seen


def test_every_answer_reaches_a_terminal_in_latin_1(
    bundles: dict[str, Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    seen = _latin_1(monkeypatch)
    content = json.dumps({"text": "€ invoice 😀 é"}) + f'\n{{"text": "my{HALF}"}}\n'
    texts = write(tmp_path / "texts.jsonl", content)
    bundle = bundles["extraction"]
    assert main(["predict", str(bundle), str(texts)]) == 1
    first, second, *_ = seen.getvalue().decode("latin-1").splitlines()
    assert "entities" in json.loads(first)
    assert "lone surrogate" in json.loads(second)["error"]


def test_a_report_reaches_a_terminal_in_latin_1(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    seen = _latin_1(monkeypatch)
    rows = write(tmp_path / "мой.jsonl", '{"text": "a", "label": "ж"}\n{"text": "b", "label": "é"}')
    assert main(["check", str(rows), "--quick"]) == 0
    assert rb"\u0436" in seen.getvalue()
    assert "é".encode("latin-1") in seen.getvalue()


def test_suggest_leaves_out_what_no_model_can_read(
    bundles: dict[str, Path], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    content = f'{{"text": "my card"}}\n{{"text": "my {HALF}"}}\n{{"text": " "}}\n'
    texts = write(tmp_path / "texts.jsonl", content)
    bundle = str(bundles["classification"])
    assert main(["suggest", str(texts), "--bundle", bundle, "-n", "9"]) == 0
    out, notes = capsys.readouterr()
    assert [json.loads(line)["row"] for line in out.splitlines()] == [1]
    assert "2 rows are left out" in notes
    assert "row 2" in notes


def test_a_file_whose_name_is_not_utf_8_is_refused_by_name(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / os.fsdecode(b"caf\xe9.csv")
    write(path, "text,label\na,b\n")
    assert main(["check", str(path), "--quick"]) == 1
    notes = capsys.readouterr().err
    assert r"caf\udce9.csv: its name is not UTF-8" in notes
    assert "rename it" in notes


@pytest.mark.parametrize("option", ["group", "subgroup"])
def test_half_a_surrogate_pair_in_a_column_that_is_used_is_named(
    option: str, tmp_path: Path
) -> None:
    path = write(tmp_path / "rows.jsonl", f'{{"text": "a", "label": "b", "by": "x{HALF}"}}')
    columns = Columns(group="by") if option == "group" else Columns(subgroups=("by",))
    with pytest.raises(DataError, match=r"'by' holds half of a surrogate pair at character 1"):
        read_rows(path, "classification", columns=columns)
