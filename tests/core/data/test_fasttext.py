"""fastText's lines (0.9.2): labels begin with ``__label__``, and the other words are the text."""

from __future__ import annotations

from pathlib import Path

import pytest

from burnish.data import Rows, read_rows
from burnish.data.readers.head import guess_task
from burnish.errors import DataError
from tests.core.data.rows_file import write


def _read(path: Path) -> Rows:
    return read_rows(path, "classification")


def test_one_label_per_line_is_one_label_per_row(tmp_path: Path) -> None:
    path = write(
        tmp_path / "train.txt",
        "__label__late The parcel came late. 🙂\r\n\n__label__ok\tAll fine, __labelled__ too\n",
    )
    rows = _read(path)
    assert guess_task(path) == "classification"
    assert not rows.multi_label
    assert [(each.id, each.input_text, each.class_names) for each in rows.examples] == [
        ("train.txt:1", "The parcel came late. 🙂", ("late",)),
        ("train.txt:3", "All fine, __labelled__ too", ("ok",)),
    ]


def test_several_labels_in_one_line_make_lists_of_labels(tmp_path: Path) -> None:
    path = write(
        tmp_path / "train.txt",
        "__label__late It came late.\n__label__wet __label__late Late and wet. __label__sad\n",
    )
    rows = _read(path)
    assert rows.multi_label
    assert [(each.input_text, each.class_names) for each in rows.examples] == [
        ("It came late.", ("late",)),
        ("Late and wet.", ("late", "sad", "wet")),
    ]


def test_a_line_without_a_label_is_named(tmp_path: Path) -> None:
    path = write(tmp_path / "train.txt", "__label__a x\nno label\n")
    with pytest.raises(DataError, match="the row has no label") as caught:
        _read(path)
    assert caught.value.line == 2
    path = write(tmp_path / "train.txt", "__label__a x\n__label__a __label__b x\nno label\n")
    with pytest.raises(DataError, match="the row has no label"):
        _read(path)
