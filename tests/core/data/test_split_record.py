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
    fixed = read_rows(changed, "classification")
    with pytest.raises(DataError, match=r"validation\.jsonl has changed: its validation rows"):
        restore_split(record, train=train, validation=fixed)


@pytest.mark.parametrize(("count", "now"), [(10, "10 rows"), (21, "21 rows"), (1, "1 row")])
def test_a_file_that_lost_or_gained_rows_is_refused_by_name(
    tmp_path: Path, count: int, now: str
) -> None:
    record = split_rows(_rows(tmp_path / "train.jsonl"), validation=0.2, seed=13).record()
    other = _rows(tmp_path / "train.jsonl", count=count)
    message = rf"train\.jsonl has changed: it has {now}, and the run was trained with 20"
    with pytest.raises(DataError, match=message):
        restore_split(record, train=other)


def test_a_row_of_a_share_that_changed_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "train.jsonl"
    record = split_rows(_rows(path), validation=0.2, seed=13).record()
    path.write_text(path.read_text().replace("train 7", "train seven"))
    with pytest.raises(DataError, match=r"train\.jsonl has changed: its (train|validation) rows"):
        restore_split(record, train=read_rows(path, "classification"))


def test_the_same_rows_in_another_order_are_the_same_split(tmp_path: Path) -> None:
    path = tmp_path / "train.jsonl"
    split = split_rows(_rows(path), validation=0.2, test=0.2, seed=13)
    path.write_text("\n".join(reversed(path.read_text().splitlines())))
    restored = restore_split(_through_json(split.record()), train=read_rows(path, "classification"))
    for name, part in split.parts.items():
        assert [each.digest for each in restored.parts[name]] == [each.digest for each in part]


def test_equal_rows_of_two_files_are_restored_each_from_its_own(tmp_path: Path) -> None:
    same = [{"text": f"same {n // 2}", "label": "ab"[n // 2 % 2]} for n in range(8)]
    train = read_rows(write_jsonl(tmp_path / "train.jsonl", same), "classification")
    validation = read_rows(write_jsonl(tmp_path / "validation.jsonl", same), "classification")
    split = split_rows(train, validation=validation, seed=13)
    record = _through_json(split.record())
    assert restore_split(record, train=train, validation=validation) == split


def test_a_record_of_an_older_run_is_restored_by_ids(tmp_path: Path) -> None:
    rows = _rows(tmp_path / "train.jsonl")
    split = split_rows(rows, validation=0.2, seed=13)
    parts = {
        name: part.model_copy(update={"digests": ()}) for name, part in split.record().parts.items()
    }
    record = _through_json(split.record().model_copy(update={"parts": parts}))
    assert restore_split(record, train=rows) == split


def test_a_file_that_is_not_given_is_named_by_its_setting(tmp_path: Path) -> None:
    train, validation = _rows(tmp_path / "train.jsonl"), _rows(tmp_path / "validation.jsonl")
    record = split_rows(train, validation=validation, seed=13).record()
    with pytest.raises(DataError, match=r"data\.validation, which is not given"):
        restore_split(record, train=train)
