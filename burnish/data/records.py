"""Records: a row in the native form, before it is checked, and errors that name its place."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from burnish.errors import DataError

__all__ = ["Fault", "Record", "Skip", "missing_column", "parse_json"]

Fault = Literal[
    "unreadable",
    "no-label",
    "printed-label",
    "span-outside-text",
    "entity-text-mismatch",
    "overlapping-entities",
    "answer-not-at-offset",
]
"""What can be wrong with a row so that it has no example."""


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
    """What the row is called in its file, where lines do not say it."""

    @property
    def id(self) -> str:
        """``file name:position``."""
        return f"{self.path.name}:{self.position}"

    def error(self, message: str, hint: str, *, kind: Fault = "unreadable") -> DataError:
        """A DataError about this row."""
        if self.line is None:
            message = f"{self.name or self.position}: {message}"
        return DataError(message, hint, file=self.path, line=self.line, row=self.id, kind=kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class Skip:
    """A row that is left out, and counted."""

    id: str
    reason: str


def missing_column(name: str, existing: Iterable[str], *, recipe_key: str) -> tuple[str, str]:
    """Message and hint about a column that a file does not have."""
    columns = list(existing)
    listed = ", ".join(repr(column) for column in columns) or "none"
    message = f"there is no column {name!r}; there are: {listed}"
    folded = {column.casefold(): column for column in reversed(columns)}
    near = difflib.get_close_matches(name.casefold(), folded, n=1, cutoff=0.6)
    mend = folded[near[0]] if near else "NAME"
    if recipe_key == "subgroups":  # an entry may name two columns
        return message, f"rename the column, or name another: data.subgroups: {mend}"
    return message, f"rename the column, or say data.{recipe_key}: {mend}"


def parse_json(text: str, *, path: Path, line: int | None) -> object:
    """One JSON value; a key given twice is refused.

    Raises:
        DataError: it is not JSON; names file and line.
    """
    try:
        value: object = json.loads(text, object_pairs_hook=_unique_keys)
    except json.JSONDecodeError as error:
        place = error.lineno if line is None else line
        message = f"is not JSON: {error.msg} at column {error.colno}"
        hint = "write one JSON object a line, keys and strings in double quotes"
        raise DataError(message, hint, file=path, line=place) from error
    except (ValueError, RecursionError) as error:
        reason = "it is nested too deep" if isinstance(error, RecursionError) else str(error)
        raise DataError(
            f"is not usable JSON: {reason}", "mend this value", file=path, line=line
        ) from error
    return value


def _unique_keys(pairs: list[tuple[str, object]]) -> dict[str, object]:
    fields = dict(pairs)
    if len(fields) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the key {twice!r} stands twice in one object")
    return fields
