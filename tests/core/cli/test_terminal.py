from __future__ import annotations

import io
from pathlib import Path

import pytest

from burnish.cli.terminal import Terminal, format_table, shown
from tests.core.cli.conftest import FakeScreen


def test_a_table_has_text_to_the_left_and_numbers_to_the_right() -> None:
    table = format_table(["name", "rows", "share"], [["a", 5, 0.5], ["long", 120, 0.25]])
    assert table.splitlines() == ["name  rows  share", "a        5    0.5", "long   120   0.25"]


def test_results_and_notes_go_to_different_streams() -> None:
    terminal = Terminal(out=io.StringIO(), notes=io.StringIO())
    terminal.result("found")
    terminal.note("on the way")
    terminal.document({"found": 1})
    assert terminal.out.getvalue() == "found\n"  # type: ignore[attr-defined]
    assert terminal.notes.getvalue() == "on the way\n"  # type: ignore[attr-defined]


def test_with_json_standard_output_is_one_document() -> None:
    terminal = Terminal(as_json=True, out=io.StringIO(), notes=io.StringIO())
    terminal.result("found")
    terminal.table(["a"], [["b"]])
    terminal.document({"found": "é"})
    assert terminal.out.getvalue() == '{\n  "found": "é"\n}\n'  # type: ignore[attr-defined]


def test_colours_are_for_terminals_that_want_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    screen = Terminal(out=FakeScreen(), notes=FakeScreen())
    assert screen.paint("ok", "green") == "\x1b[32mok\x1b[0m"
    assert Terminal(out=io.StringIO()).paint("ok", "green") == "ok"
    monkeypatch.setenv("NO_COLOR", "1")
    assert screen.paint("ok", "green") == "ok"


def test_a_path_is_shown_from_the_working_directory(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert shown(tmp_path / "runs" / "a") == Path("runs/a")
    assert shown(Path("/elsewhere")) == Path("/elsewhere")
