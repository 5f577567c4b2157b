"""JSON in the native form: one object a line, or one list of objects."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import replace
from io import TextIOWrapper
from itertools import islice
from pathlib import Path

from burnish.data.columns import Columns
from burnish.data.records import Item, Record, Skip, parse_json
from burnish.data.source import open_source, read_document, read_lines_and_faults
from burnish.errors import DataError

__all__ = ["first_objects", "is_list", "read_jsonl", "read_list"]

_LIST = re.compile(r"\ufeff?\s*\[\s*(?:[{\]]|$)")
_CHUNK = 1 << 20
_ONE = "is one JSON object, not one per row"
_COLUMNS = (
    'import json; d = json.load(open({name}, encoding="utf-8-sig")); '
    "[print(json.dumps({{c: v.get(k) for c, v in d.items()}})) for k in next(iter(d.values()))]"
)


def is_list(path: Path) -> bool:
    """Whether a file is one JSON list, not a value a line."""
    with open_source(path) as stream:
        start = stream.read(1 << 12).decode("utf-8", errors="replace")
    return _LIST.match(start) is not None


def first_objects(path: Path, *, most: int) -> list[dict[str, object]]:
    """The first objects of a file of JSON, to tell what it is; others and broken ones left out."""
    if is_list(path):
        return list(islice(_list_objects(path), most))
    found = []
    for _, line in islice(read_lines_and_faults(path), most):
        if isinstance(line, str) and line.startswith("{"):
            try:
                value = json.loads(line)
            except (ValueError, RecursionError):
                continue
            found.append(value)
    return [value for value in found if isinstance(value, dict)]


def _list_objects(path: Path) -> Iterator[dict[str, object]]:
    """Objects of a list, as they come: of a large document only its beginning is read."""
    decoder = json.JSONDecoder()
    with TextIOWrapper(open_source(path), encoding="utf-8-sig", errors="replace") as stream:
        text, at = stream.read(_CHUNK), 0
        at = text.index("[") + 1
        while True:
            while at < len(text) and text[at] in " \t\r\n,":
                at += 1
            try:
                value, at = decoder.raw_decode(text, at)
            except (ValueError, RecursionError):
                more = stream.read(max(_CHUNK, len(text) - at))
                if not more or text[at : at + 1] == "]":
                    return
                text, at = text[at:] + more, 0
                continue
            if isinstance(value, dict):
                yield value


def read_jsonl(path: Path, columns: Columns) -> Iterator[Item]:
    """A file's rows, read line by line; blank lines are skipped with a count.

    A line, or an item of the one list, that is not a JSON object is a DataError in its place.

    Raises:
        DataError: the file is one JSON value of another shape.
    """
    if is_list(path):
        yield from read_list(path, "write a list of objects, or one JSON object per line")
        return
    for number, line in read_lines_and_faults(path):
        if isinstance(line, DataError):
            yield line
        elif not line.strip():
            yield Skip(id=f"{path.name}:{number}", reason="blank line")
        else:
            yield _item(path, number, line.rstrip("\r\n"), columns)


def read_list(path: Path, hint: str) -> Iterator[Record | DataError]:
    """The objects of a file that is one JSON list, each as a record of its fields as they are.

    Args:
        path: the file, for which :func:`is_list` holds.
        hint: what to do where it is broken.

    Raises:
        DataError: it is not JSON.
    """
    document = parse_json(read_document(path), path=path, line=None, hint=hint)
    assert isinstance(document, list)  # noqa: S101  of a file that begins as one: is_list
    for number, item in enumerate(document, start=1):
        record = Record(
            path=path, line=None, position=str(number), fields={}, name=f"record {number}"
        )
        if isinstance(item, dict):
            yield replace(record, fields=item)
        else:
            yield record.error("it is not an object", hint)


def _item(path: Path, number: int, line: str, columns: Columns) -> Record | DataError:
    try:
        value = parse_json(line, path=path, line=number)
    except DataError as error:
        if number == 1 and line.strip() == "{":
            raise _indented(path) from error
        return error
    if isinstance(value, dict):
        is_document = number == 1 and not _is_row(value, columns) and _is_alone(path)
        if is_document and (hint := _document_hint(path, value)):
            raise DataError(_ONE, hint, file=path)
        return Record(path=path, line=number, position=str(number), fields=value)
    return DataError(
        "the line is not a JSON object", "write one JSON object per line", file=path, line=number
    )


def _is_row(value: dict[str, object], columns: Columns) -> bool:
    """Whether an object has the lists of a row, which may have lost its text."""
    lists = (columns.entities, columns.answers, columns.labels, columns.tokens)
    return any(isinstance(value.get(name), list) for name in lists)


def _is_alone(path: Path) -> bool:
    """Whether nothing follows the first line."""
    rest = islice(read_lines_and_faults(path), 1, None)
    return not any(isinstance(line, DataError) or line.strip() for _, line in rest)


def _indented(path: Path) -> DataError:
    hint = f"write each on a line: jq -c . {shlex.quote(str(path))} > rows.jsonl"
    try:
        value = json.loads(read_document(path))
    except (ValueError, RecursionError, DataError):
        return DataError("its JSON objects take several lines each", hint, file=path)
    return DataError(_ONE, _document_hint(path, value) or hint, file=path)


def _document_hint(path: Path, value: dict[str, object]) -> str:
    """How an object that holds all rows becomes one per row; empty where it is a row."""
    if any(isinstance(each, str) for each in value.values()):
        return ""
    file = shlex.quote(str(path))
    lists = [
        key
        for key, each in value.items()
        if isinstance(each, list) and each and all(isinstance(item, dict) for item in each)
    ]
    if len(lists) == 1:
        key = shlex.quote(f".[{json.dumps(lists[0])}][]")
        return f"write its rows, one per line: jq -c {key} {file} > rows.jsonl"
    if len(value) > 1 and all(isinstance(each, dict) for each in value.values()):
        script = shlex.quote(_COLUMNS.format(name=json.dumps(str(path))))
        return f"its columns become rows with: python3 -c {script} > rows.jsonl"
    return ""
