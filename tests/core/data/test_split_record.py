"""The record of a split: it survives JSON, brings the split back, and sees that a file changed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from burnish.data import Rows, SplitRecord, read_rows, restore_split, split_rows
from burnish.errors import DataError
from tests.core.data.rows_file import write_jsonl


def _rows(path: Path, *, count: int = 20) -> Rows:
    content = [{"text": f"{path.stem} {n}", "label": "ab"[n % 2]} for n in range(count)]
    return read_rows(write_jsonl(path, content), "classification")


def _through_json(record: SplitRecord) -> SplitRecord:
    return SplitRecord.model_validate_json(json.dumps(record.model_dump(mode="json")))


def test_shares_are_restored(tmp_path: Path) -> None:
    rows = _rows(tmp_path / "train.jsonl")
    split = split_rows(rows, validation=0.2, test=0.2, seed=13)
    restored = restore_split(_through_json(split.record()), train=rows)
    assert restored == split


def test_files_are_restored(tmp_path: Path) -> None:
    train, validation = _rows(tmp_path / "train.jsonl"), _rows(tmp_path / "validation.jsonl")
    split = split_rows(train, validation=validation, seed=13)
    record = split.record()
    assert record.files["validation"][0].path == str(tmp_path / "validation.jsonl")
    assert record.parts["validation"].cut_from == "validation"
    assert "test" not in record.parts
    assert restore_split(_through_json(record), train=train, validation=validation) == split


def test_a_changed_file_is_refused_by_name(tmp_path: Path) -> None:
    train, validation = _rows(tmp_path / "train.jsonl"), _rows(tmp_path / "validation.jsonl")
    record = split_rows(train, validation=validation, seed=13).record()
    changed = tmp_path / "validation.jsonl"
    changed.write_text(changed.read_text().replace("validation 7", "validation seven"))
    mended = read_rows(changed, "classification")
    with pytest.raises(DataError, match=r"validation\.jsonl has changed: its validation rows"):
        restore_split(record, train=train, validation=mended)


def test_a_file_that_lost_rows_is_refused_by_name(tmp_path: Path) -> None:
    record = split_rows(_rows(tmp_path / "train.jsonl"), validation=0.2, seed=13).record()
    shorter = _rows(tmp_path / "train.jsonl", count=10)
    with pytest.raises(DataError, match=r"train\.jsonl has changed: its train rows"):
        restore_split(record, train=shorter)


def test_a_file_that_is_not_given_is_named_by_its_setting(tmp_path: Path) -> None:
    train, validation = _rows(tmp_path / "train.jsonl"), _rows(tmp_path / "validation.jsonl")
    record = split_rows(train, validation=validation, seed=13).record()
    with pytest.raises(DataError, match=r"data\.validation, which is not given"):
        restore_split(record, train=train)
