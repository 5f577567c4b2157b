"""Documents: texts in files of their own, which a column of a table names (``data.documents``)."""

from __future__ import annotations

import codecs
import shlex
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from burnish.data.columns import Columns
from burnish.data.records import Item, Record, missing_column
from burnish.data.source import MAX_ROW_BYTES, TOO_LONG
from burnish.errors import DataError

__all__ = ["read_document_file", "with_documents"]


def with_documents(items: Iterable[Item], columns: Columns) -> Iterator[Item]:
    """The rows with the texts that their column of file names names, if there is one.

    Files are found in the folder of the table, or a folder below it. One that cannot be read is a
    DataError in its row's place.
    """
    for item in items:
        if columns.documents is None or not isinstance(item, Record):
            yield item
            continue
        try:
            yield _with_document(item, columns.documents, columns.text)
        except DataError as error:
            yield error


def read_document_file(record: Record, file: Path) -> str:
    """The text of a file, without its byte order mark.

    Raises:
        DataError: of this record; the file cannot be opened, is not UTF-8 or too long.
    """
    try:
        with file.open("rb") as stream:
            content = stream.read(MAX_ROW_BYTES + 1)
    except OSError as error:
        hint = "check the name and the file's permissions"
        raise record.error(f"the file cannot be read: {error.strerror}", hint) from error
    if len(content) > MAX_ROW_BYTES:
        raise record.error(*TOO_LONG)
    try:
        return content.removeprefix(codecs.BOM_UTF8).decode("utf-8")
    except UnicodeDecodeError as error:
        name = shlex.quote(str(file))
        hint = (
            "save it as UTF-8, or, if it is WINDOWS-1252: iconv -f WINDOWS-1252 -t UTF-8 "
            f"{name} > utf8.txt && mv utf8.txt {name}"
        )
        byte = error.object[error.start]
        message = f"the file is not UTF-8: byte 0x{byte:02x} at {error.start}"
        raise record.error(message, hint) from error


def _with_document(record: Record, column: str, text: str) -> Record:
    if column not in record.fields:
        raise record.error(*missing_column(column, record.fields, recipe_key="documents"))
    name = record.fields[column]
    if not isinstance(name, str) or not name.strip():
        raise record.error(f"{column!r} names no file", "write the name of the text's file there")
    folder = record.path.parent
    file = folder / name.strip().replace("\\", "/")
    if not file.resolve().is_relative_to(folder.resolve()):
        raise record.error(
            f"{column!r} names a file outside the table's folder",
            "put the table beside the texts, and write names relative to it",
        )
    if not file.is_file():
        hint = f"names are relative to {folder}; check {column!r}"
        raise record.error(f"there is no file {name!r}", hint)
    return replace(record, fields={**record.fields, text: read_document_file(record, file)})
