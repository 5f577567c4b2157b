"""Hints: each one of the data errors, followed on a file that triggers it, leads on.

A case is a file that is refused, and what a person makes of it who does as the hint says: another
content, another recipe, another task. What comes next is success, or another message. The last test
sees that no place in the readers raises an error that no case follows; commands that a hint writes
out are run by test_foreign.py.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

import burnish.data
from burnish.data import Columns, read_rows
from burnish.errors import DataError
from tests.core.data.hint_case import Case
from tests.core.data.hints_of_documents import DOCUMENTS
from tests.core.data.hints_of_rows import ROWS
from tests.core.data.hints_of_tools import TOOLS
from tests.core.data.rows_file import write

_DATA = Path(burnish.data.__file__).parent
_TESTED_ELSEWHERE = {
    "frames.py": "of objects, not of a file: test_frames.py",
    "guessing.py": "of keys of a recipe: test_guessing.py",
    "cut.py": "of parts, not of a file: test_split.py",
    "numbers.py": "test_numbers.py",
    "unseen.py": "of parts, not of a file: test_unseen.py",
    "documents.py": "of files beside a table: test_folder.py",
    "packed.py": "test_packed.py",
    "tree_files.py": "of a tree, not of rows: test_tree_files.py",
    "readers/arrow.py": "needs pyarrow: test_arrow.py",
    "readers/brat.py": "of two files: readers/test_brat.py",
    "readers/conll.py": "test_conll.py",
    "readers/folder.py": "test_folder.py",
    "readers/doc_bin.py": "of bytes: readers/test_doc_bin.py",
    "writers/rows.py": "of rows, not of a file: writers/test_refusals.py",
    "readers/foreign.py": "commands: test_foreign.py",
    "readers/magic.py": "commands: test_foreign.py",
    "readers/workbook.py": "test_workbook.py",
    "readers/workbook_scan.py": "test_workbook.py",
    "split.py": "of parts, not of a file: test_split.py",
    "shares.py": "of a recipe, not of a file: test_split.py, training/pipeline/test_validation.py",
    "scope.py": "of parts, not of a file",
    "data_set.py": "of objects, not of a file: test_data_set.py",
    "fix.py": "test_row_faults.py",
    "paths.py": "of a column as a whole: test_paths.py",
    "shifts.py": "of all offsets of a file: test_shifts.py",
    "readers/parallel.py": "of two files: readers/test_parallel.py",
    "readers/tmx.py": "readers/test_tmx.py",
    "readers/token_rows.py": "test_token_columns.py",
    "readers/token_table.py": "test_token_columns.py",
    "sample_files.py": "test_sample_files.py",
}


_CASES = {**ROWS, **TOOLS, **DOCUMENTS}


def _error(path: Path, task: str, columns: dict[str, Any]) -> DataError | None:
    try:
        read_rows(path, task, columns=Columns(**columns))
    except DataError as error:
        return error
    return None


def _next(case: Case, folder: Path) -> tuple[DataError | None, DataError | None]:
    path = write(folder / case.name, case.bad)
    first = _error(path, case.task, case.columns)
    good = case.bad if case.good is None else case.good
    name = "rows.jsonl" if good[:1] in ("{", b"{") else case.name
    columns = case.columns if case.good_columns is None else case.good_columns
    return first, _error(write(folder / name, good), case.good_task or case.task, columns)


@pytest.mark.parametrize("name", _CASES)
def test_a_hint_leads_on(name: str, tmp_path: Path) -> None:
    case = _CASES[name]
    first, then = _next(case, tmp_path)
    assert first is not None
    assert case.hint in first.hint
    assert then is None or then.reason != first.reason
    assert then is None, then  # each of these is right after one step


def _sites() -> dict[tuple[str, int, int], str]:
    """Every place in the readers that makes a DataError: file, first line, last line."""
    found = {}
    for path in sorted(_DATA.rglob("*.py")):
        name = path.relative_to(_DATA).as_posix()
        if name.startswith("checks/") or name in _TESTED_ELSEWHERE:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and node.args:
                called = getattr(node.func, "id", getattr(node.func, "attr", ""))
                if called in ("DataError", "error"):
                    end = node.end_lineno or node.lineno
                    found[name, node.lineno, end] = ast.unparse(node)[:80]
    return found


_NO_FILE = (  # not of a file's content: test_encoding.py and test_foreign.py
    "there is no task",
    "there is no such file",
    "is a directory",
    "is {kind}, not a file",
    "cannot be read: {error.strerror}",
    "GiB",
    "MiB, too much for one document",
    "TOO_LONG",
    "printed as text",  # test_label_forms.py
    "what it holds",  # test_packed.py
    "its name is not UTF-8",  # of the file's name: tests/core/cli/test_escapes.py
)


def test_every_place_that_refuses_has_its_case(tmp_path: Path, monkeypatch) -> None:
    sites = _sites()
    hit: set[tuple[str, int, int]] = set()
    init = DataError.__init__

    def watched(self: DataError, *args: Any, **kwargs: Any) -> None:
        for frame in _frames():
            path = Path(frame.f_code.co_filename)
            if path.is_relative_to(_DATA):
                name, line = path.relative_to(_DATA).as_posix(), frame.f_lineno
                hit.update(s for s in sites if s[0] == name and s[1] <= line <= s[2])
        init(self, *args, **kwargs)

    monkeypatch.setattr(DataError, "__init__", watched)
    for number, case in enumerate(_CASES.values()):
        folder = tmp_path / str(number)
        folder.mkdir()
        _next(case, folder)
    missed = [
        f"{name}:{line} {text}"
        for (name, line, end), text in sites.items()
        if (name, line, end) not in hit and not any(re.search(re.escape(p), text) for p in _NO_FILE)
    ]
    assert not missed, "\n".join(missed)


def _frames() -> Iterator[FrameType]:
    frame: FrameType | None = sys._getframe(2)
    for _ in range(3):
        if frame is None:
            return
        yield frame
        frame = frame.f_back
