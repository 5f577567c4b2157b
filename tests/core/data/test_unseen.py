"""Rows that a model was not trained on: validation and test, and no training part."""

from __future__ import annotations

from pathlib import Path

import pytest

from burnish.data import Rows, read_rows
from burnish.data.unseen import split_unseen
from burnish.errors import DataError
from tests.core.data.rows_file import write_jsonl


def rows_of(path: Path, key: str = "label", count: int = 12) -> Rows:
    labels = ("late", "wet")
    rows = [
        {
            "text": f"parcel {path.stem} {i}",
            key: labels[i % 2] if key == "label" else [labels[i % 2]],
        }
        for i in range(count)
    ]
    return read_rows(write_jsonl(path, rows), "classification")


def test_a_share_of_the_rows_tests_and_none_trains(tmp_path: Path) -> None:
    split = split_unseen(rows_of(tmp_path / "a.jsonl"), test=0.5, seed=3)
    assert split.train == ()
    assert len(split.validation) == 6
    assert len(split.test or ()) == 6
    again = split_unseen(rows_of(tmp_path / "a.jsonl"), test=0.5, seed=3)
    assert again.test == split.test


def test_a_file_of_test_rows_is_taken_whole(tmp_path: Path) -> None:
    rows, test = rows_of(tmp_path / "a.jsonl"), rows_of(tmp_path / "b.jsonl", count=4)
    split = split_unseen(rows, test=test, seed=3)
    assert (len(split.validation), split.test) == (12, test.examples)


def test_files_of_two_forms_are_refused_and_one_form_is_not(tmp_path: Path) -> None:
    rows, other = rows_of(tmp_path / "a.jsonl"), rows_of(tmp_path / "b.jsonl", "labels")
    with pytest.raises(DataError, match="differ in how many labels") as caught:
        split_unseen(rows, test=other, seed=3)
    assert "one name under label, or a list under labels" in caught.value.hint
    split_unseen(rows_of(tmp_path / "c.jsonl", "labels"), test=other, seed=3)
