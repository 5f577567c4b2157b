"""A few hundred mutated files on every run; ``python -m tests.fuzz`` tries thousands."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from burnish.data import fix
from burnish.data.records import Record
from burnish.data.row_fixes import FixedRow, RowFixer
from tests.fuzz.campaign import fuzz
from tests.fuzz.forms import FORMS
from tests.fuzz.mutations import MUTATIONS


def _found(folder: Path, *, files: int, seed: int) -> list[str]:
    return [
        f"{path.name}: {fault}"
        for path, faults in fuzz(folder, files=files, seed=seed)
        for fault in faults
    ]


@pytest.mark.parametrize("content", [b"", b"\xff", b"[" * 9000, b"[]", b"7", b'{"a": {}}\n\n[]'])
def test_every_mutation_takes_what_another_left(content: bytes) -> None:
    for mutation, seed in product(MUTATIONS, range(20)):
        assert isinstance(mutation(content, random.Random(seed)), bytes)


def test_no_file_makes_a_command_fail_in_itself(tmp_path: Path) -> None:
    assert _found(tmp_path, files=200, seed=11) == []


def _quietly(record: Record) -> Record:
    texts = {"text": str(record.fields["text"]).upper()} if "text" in record.fields else {}
    return replace(record, fields={**record.fields, **texts})


@pytest.mark.parametrize("changes", [(), (("whitespace", "text, characters 0-1"),)])
def test_a_copy_that_changes_right_texts_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changes: tuple[tuple[str, str], ...]
) -> None:
    fix = RowFixer.fix

    def harm(self: RowFixer, record: Record) -> FixedRow:
        fixed = fix(self, record)
        return replace(fixed, record=_quietly(fixed.record), changes=changes)

    monkeypatch.setattr(RowFixer, "fix", harm)
    found = _found(tmp_path, files=len(FORMS), seed=1)
    assert {each.partition(":")[0] for each in found} >= {"table.csv", "two.conll", "saved"}


def test_a_copy_that_loses_a_row_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = fix._write

    def lose(path: Path, text: str) -> None:
        write(path, text if ".log" in path.name else "".join(text.splitlines(keepends=True)[1:]))

    monkeypatch.setattr(fix, "_write", lose)
    assert len(_found(tmp_path, files=len(FORMS), seed=1)) >= len(FORMS)


def test_a_reader_that_misreads_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def misread(*_: Any) -> tuple[str, list[tuple[int, int]]]:
        return "a", [(0, 1)] * 99

    monkeypatch.setattr("burnish.data.readers.token_rows.join_tokens", misread)
    assert any("two.conll" in each for each in _found(tmp_path, files=len(FORMS), seed=1))
