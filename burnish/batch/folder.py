"""A folder of texts: each ``.txt`` below it is one input, and its name the row's only field."""

from __future__ import annotations

import codecs
import hashlib
from collections.abc import Iterator
from pathlib import Path

from burnish.batch.fields import Asked, Fields
from burnish.batch.rows import Row
from burnish.data.readers.magic import START_BYTES, refuse_binary
from burnish.data.source import MAX_ROW_BYTES, TOO_LONG
from burnish.digest import file_sha256
from burnish.errors import DataError, InputError, UsageError

__all__ = ["FILE", "folder_rows", "folder_sha256", "text_files"]

FILE = "file"
"""The column of a text's name."""


def text_files(folder: Path) -> list[Path]:
    """The texts of a folder and of the folders in it, by name.

    Raises:
        UsageError: there are none.
    """
    found = [path for path in folder.rglob("*") if path.suffix.lower() == ".txt" and path.is_file()]
    if not found:
        raise UsageError(f"{folder}: the folder holds no .txt files", "name another folder or file")
    return sorted(found, key=lambda path: path.relative_to(folder).as_posix())


def folder_rows(folder: Path, fields: Fields) -> Iterator[Row]:
    """One row per text of a folder, in the order of their names.

    Raises:
        UsageError: there are no texts, or one text makes no input of the task.
    """
    for path in text_files(folder):
        yield Row({FILE: path.relative_to(folder).as_posix()}, _asked(path, fields))


def folder_sha256(folder: Path) -> str:
    """SHA-256 over the names and contents of a folder's texts, 64 hex digits."""
    content = hashlib.sha256()
    for path in text_files(folder):
        name = path.relative_to(folder).as_posix()
        content.update(f"{file_sha256(path)} {name}\0".encode("utf-8", "surrogateescape"))
    return content.hexdigest()


def _asked(path: Path, fields: Fields) -> Asked:
    if path.stat().st_size > MAX_ROW_BYTES:
        return InputError(*TOO_LONG)
    content = path.read_bytes()
    try:
        refuse_binary(path, content[:START_BYTES])
        text = content.removeprefix(codecs.BOM_UTF8).decode("utf-8")
    except DataError as error:
        return InputError(error.reason, error.hint)
    except UnicodeDecodeError as error:
        return InputError(f"the file is not UTF-8 (byte {error.start + 1})", "save it as UTF-8")
    given: Asked = fields.form.of_text(text)
    return given
