"""A folder of texts: each ``.txt`` in it is one input, and its name the row's only field."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from burnish.batch.fields import Asked, Fields
from burnish.batch.rows import Row
from burnish.data.columns import Columns
from burnish.data.readers.folder import FILE, folder_files, read_texts
from burnish.data.records import Record
from burnish.errors import DataError, InputError, UsageError

__all__ = ["folder_rows"]

_COLUMNS = Columns()


def folder_rows(folder: Path, fields: Fields) -> Iterator[Row]:
    """One row per text of a folder, in the order of their names.

    Raises:
        DataError: a name is not UTF-8.
        UsageError: there are no texts, or one text makes no input of the task.
    """
    if not folder_files(folder):
        raise UsageError(f"{folder}: the folder holds no .txt files", "name another folder or file")
    for item in read_texts(folder, _COLUMNS):
        if isinstance(item, Record):
            asked: Asked = fields.form.of_text(str(item.fields[_COLUMNS.text]))
            yield Row({FILE: item.fields[FILE]}, asked)
        elif isinstance(item, DataError):
            yield Row({FILE: item.place}, InputError(item.reason, item.hint))
