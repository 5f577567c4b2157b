"""Folders of text files (.txt): each file is one text, and its subfolder may be its label.

``complaints/late/0001.txt`` has the label ``late``.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from burnish.data.columns import Columns
from burnish.data.documents import read_document_file
from burnish.data.records import Item, Record, Skip
from burnish.errors import DataError

__all__ = ["FILE", "folder_files", "is_folder_of_texts", "read_folder", "read_texts"]

FILE = "file"
"""The field with a text's path in the folder, ``late/0001.txt``."""
_SUFFIX = ".txt"


def is_folder_of_texts(path: Path) -> bool:
    """Whether a folder holds text files, itself or in a folder of its own."""
    return path.is_dir() and any(not reason for _, reason in _files(path))


def folder_files(path: Path) -> list[str]:
    """The text files in a folder, as paths in it with ``/``, in the order of their characters.

    Raises:
        DataError: a name is not UTF-8.
    """
    return [name for name, reason in _files(path) if not reason]


def read_texts(path: Path, columns: Columns) -> Iterator[Item]:
    """A folder's texts, without labels, in an order that is the same on every machine.

    A record has the fields ``file`` (the path in the folder, with ``/``) and ``columns.text``; its
    id is ``folder:file``. A file that is hidden, a link or not a .txt is a Skip, and one that is
    not UTF-8 a DataError, in its place.

    Raises:
        DataError: a name is not UTF-8.
    """
    for name, reason in _files(path):
        if reason:
            yield Skip(id=f"{path.name}:{name}", reason=reason)
            continue
        record = Record(path=path, line=None, position=name, fields={}, name=name)
        try:
            text = read_document_file(record, path / name)
        except DataError as error:
            yield error
            continue
        yield Record(
            path=path,
            line=None,
            position=name,
            fields={FILE: name, columns.text: text},
            name=name,
        )


def read_folder(path: Path, columns: Columns) -> Iterator[Item]:
    """As :func:`read_texts`, with the first folder in the path of each file as its label."""
    for item in read_texts(path, columns):
        if isinstance(item, Record) and "/" in item.position:
            label = item.position.partition("/")[0]
            fields = {**item.fields, columns.label: label}
            yield Record(
                path=path, line=None, position=item.position, fields=fields, name=item.name
            )
        elif isinstance(item, Record):
            yield item.error(
                "the text lies in no subfolder, and so has no label",
                "move it into a folder that is called like its label, or write a table of file "
                "names and labels, and name the column of the files: data.documents: NAME",
                kind="no-label",
            )
        else:
            yield item


def _files(path: Path) -> list[tuple[str, str]]:
    """Every file as a path in the folder, and why it is not read; empty where it is."""
    found = []
    for folder, _, names in os.walk(path):
        for name in names:
            file = Path(folder, name)
            relative = file.relative_to(path).as_posix()
            try:
                relative.encode("utf-8")
            except UnicodeEncodeError as error:
                hint = "rename it"
                raise DataError("the name of a file in it is not UTF-8", hint, file=path) from error
            found.append((relative, _left_out(file, relative)))
    return sorted(found)


def _left_out(file: Path, relative: str) -> str:
    if any(part.startswith(".") for part in relative.split("/")):
        return "hidden file"
    if not relative.lower().endswith(_SUFFIX):
        return "not a .txt file"
    return "" if file.is_file() and not file.is_symlink() else "a link, not a file"
