"""Text that a stream cannot write is escaped as JSON escapes it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from burnish.data import Columns
from burnish.data.fix import fix_file
from burnish.escapes import ESCAPED
from tests.core.data.rows_file import write

HALF = r"\ud83d"


@pytest.mark.parametrize(
    ("text", "encoding", "written"),
    [
        ("a\ud83db", "utf-8", rb"a\ud83db"),
        ("é€😀", "latin-1", b"\xe9" + rb"\u20ac\ud83d\ude00"),
        ("😀", "ascii", rb"\ud83d\ude00"),
    ],
)
def test_what_cannot_be_written_is_a_json_escape(text: str, encoding: str, written: bytes) -> None:
    assert text.encode(encoding, ESCAPED) == written
    quoted = json.dumps(text, ensure_ascii=False).encode(encoding, ESCAPED)
    assert json.loads(quoted.decode(encoding)) == text


ROWS = {
    "classification": f'{{"text": "a %s", "label": "b", "by": "x{HALF}", "k{HALF}": 1}}',
    "extraction": f'{{"text": "a %s", "entities": [], "by": ["x{HALF}"]}}',
    "qa": f'{{"context": "a %s", "question": "b", "answers": [], "by": "x{HALF}"}}',
}


@pytest.mark.parametrize("task", ROWS)
def test_a_copy_keeps_half_a_surrogate_pair_in_any_column(task: str, tmp_path: Path) -> None:
    lines = [ROWS[task] % "good", ROWS[task] % HALF]
    path = write(tmp_path / "rows.jsonl", "\n".join(lines) + "\n")
    done = fix_file(path, task, columns=Columns(), out=tmp_path / "copy.jsonl")
    copied = [json.loads(line) for line in done.path.read_text(encoding="utf-8").splitlines()]
    assert copied == [json.loads(line) for line in lines]
    assert [(each.action, each.row) for each in done.touches] == [("left", "rows.jsonl:2")]
