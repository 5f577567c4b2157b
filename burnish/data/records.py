"""Records: a row in the native form, before it is checked, and errors that name its place."""

from __future__ import annotations

import difflib
import json
import re
import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar

from burnish.errors import DataError

__all__ = [
    "Fault",
    "Item",
    "Object",
    "Record",
    "Skip",
    "UnlabelledError",
    "make_each",
    "missing_column",
    "parse_json",
    "require_unicode",
    "row_number",
    "whole_number",
]

Fault = Literal[
    "unreadable",
    "unreadable-file",
    "no-label",
    "printed-label",
    "span-outside-text",
    "entity-text-mismatch",
    "overlapping-entities",
    "answer-not-at-offset",
]
"""What can be wrong with a row, or with the file as a whole, so that there is no example."""
Object = Mapping[str, object]
"""What stands in braces in JSON."""


class UnlabelledError(DataError):
    """A row has no label, which may be meant: ``data.unlabelled: leave_out``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A row as a reader found it: field names to values of any type."""

    path: Path
    line: int | None
    """The physical line it begins at; None in formats that do not go by lines."""
    position: str
    """The line, or another place the format has."""
    fields: Mapping[str, object]
    name: str = ""
    """The row's name in its file, where that is not its line: ``row 12`` of a spreadsheet."""
    place: str = ""
    """Where it stands, ``row 12`` or ``line 3``, if its id does not say so."""
    faults: tuple[DataError, ...] = ()
    """Errors whose fix is certain: ``fields`` hold the fixed row, which only ``check --fix``
    uses."""

    @property
    def id(self) -> str:
        """``file name:position``."""
        return f"{self.path.name}:{self.position}"

    def error(
        self,
        message: str,
        hint: str,
        *,
        kind: Fault = "unreadable",
        of: type[DataError] = DataError,
    ) -> DataError:
        """A DataError about this row."""
        return of(
            message,
            hint,
            file=self.path,
            line=self.line,
            place=self.name or (self.position if self.line is None else ""),
            row=self.id,
            kind=kind,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Skip:
    """A row that is left out, and counted."""

    id: str
    reason: str
    record: Record | None = None
    """The row itself, if only its label is missing."""
    place: str = ""
    """Where it stands, if its id does not say so."""


Item = Record | Skip | DataError
"""What a reader yields for each row: the row, a note that it is left out, or its error. A reader
*raises* only an error that keeps it from reading on."""

MadeT = TypeVar("MadeT")

_NUMBER = re.compile(r"(?:row|line|record) (\d+)")


def make_each(
    items: Iterable[Item], make: Callable[[Record], MadeT]
) -> Iterator[MadeT | Skip | DataError]:
    """What ``make`` makes of each row, in order; the DataError that it raises is its row's item."""
    for item in items:
        yield _made(item, make) if isinstance(item, Record) else item


def _made(record: Record, make: Callable[[Record], MadeT]) -> MadeT | DataError:
    try:
        return make(record)
    except DataError as error:
        return error


def row_number(place: str) -> int | None:
    """The number that a place begins with, from 1: ``row 12``, ``line 3, spreadsheet row 2``."""
    found = _NUMBER.match(place)
    return int(found[1]) if found else None


def missing_column(name: str, existing: Iterable[str], *, recipe_key: str) -> tuple[str, str]:
    """Message and hint about a column that a file does not have."""
    columns = list(existing)
    listed = ", ".join(repr(column) for column in columns) or "none"
    message = f"there is no column {name!r}; there are: {listed}"
    folded = {column.casefold(): column for column in reversed(columns)}
    near = difflib.get_close_matches(name.casefold(), folded, n=1, cutoff=0.6)
    fix = folded[near[0]] if near else "NAME"
    if re.search(r"[^\w.-]", fix):  # for a shell as for YAML
        fix = shlex.quote(fix)
    if recipe_key == "subgroups":  # an entry may name two columns
        return message, f"rename the column, or name another: data.subgroups: {fix}"
    return message, f"rename the column, or set data.{recipe_key}: {fix}"


def require_unicode(record: Record, column: str, value: str) -> str:
    """The value, where it can be written as UTF-8.

    Raises:
        DataError: it holds half of a surrogate pair.
    """
    if not value.isascii():
        try:
            value.encode("utf-8")
        except UnicodeEncodeError as error:
            raise record.error(
                f"{column!r} holds half of a surrogate pair at character {error.start}, which is "
                "half of an emoji or another rare character",
                rf"write the whole character, or remove \u{ord(value[error.start]):04x} there",
            ) from None
    return value


def whole_number(value: object) -> int | None:
    """The whole number that a value of another type certainly is: ``"7"`` or ``7.0``."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str) and value.strip().isascii() and value.strip().isdecimal():
        return int(value)
    return None


def parse_json(
    text: str,
    *,
    path: Path,
    line: int | None,
    hint: str = "write one JSON object per line, keys and strings in double quotes",
) -> object:
    """One JSON value; a key given twice is refused.

    Raises:
        DataError: it is not JSON; names file and line.
    """
    try:
        value: object = json.loads(text, object_pairs_hook=_unique_keys)
    except json.JSONDecodeError as error:
        place = error.lineno if line is None else line
        message = f"is not JSON: {error.msg.removesuffix(' at')} at column {error.colno}"
        raise DataError(message, hint, file=path, line=place) from error
    except (ValueError, RecursionError) as error:
        reason = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise DataError(
            f"is not usable JSON: {reason}", "correct this value", file=path, line=line
        ) from error
    return value


def _unique_keys(pairs: list[tuple[str, object]]) -> dict[str, object]:
    fields = dict(pairs)
    if len(fields) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the key {twice!r} is given twice in one object")
    return fields
