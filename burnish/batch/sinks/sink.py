"""What a sink is, and what it is given."""

from __future__ import annotations

import base64
import json
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, ClassVar

from burnish.batch.layout import Layout
from burnish.batch.rows import AnsweredRow
from burnish.escapes import ESCAPED

__all__ = ["Sink", "Table", "cell_text", "plain", "writable"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Answered rows, and what is known of their columns."""

    layout: Layout
    rows: Iterable[AnsweredRow]
    """Read once, in order."""
    sample: Mapping[str, object]
    """An answer with one of everything, for the types of its columns."""
    kinds: Mapping[str, set[str]] = field(default_factory=dict)
    """What the own columns hold, as :class:`burnish.batch.survey.Survey` says it."""
    types: Mapping[str, Any] = field(default_factory=dict)
    """Arrow's types of the own columns, where the input has them."""
    delimiter: str | None = None
    """What separates the input's cells, where it is CSV."""
    separator: str | None = "|"
    """What separates several labels in a cell; None where labels hold every separator."""


class Sink(ABC):
    """Writes a table into a file, a row after another.

    The file is new and alone in its directory, which is removed whatever happens: a sink may put
    temporary files there, and need not tidy up.
    """

    most_rows: ClassVar[int | None] = None
    """The most rows below the header."""
    most_columns: ClassVar[int | None] = None
    most_units: ClassVar[int | None] = None
    """The most UTF-16 units of a cell."""

    def check_library(self) -> None:
        """See that what the sink needs is installed.

        Raises:
            MissingExtraError: it is not.
        """
        return

    @abstractmethod
    def write(self, path: Path, table: Table) -> None:
        """Write the whole table.

        Raises:
            OSError: the file cannot be written.
        """


def cell_text(value: object, *, separator: str | None = None) -> str:
    """A value as the text of a cell: lists and objects are JSON, or joined texts.

    Args:
        value: any value of a row.
        separator: joins a list of texts.
    """
    value = plain(value)
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if separator and isinstance(value, list) and all(isinstance(each, str) for each in value):
        return separator.join(value)
    return writable(json.dumps(value, ensure_ascii=False))


def plain(value: object) -> object:
    """A value of Arrow's or JSON's as JSON has it; dates in ISO 8601, bytes in base64."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str):
        return writable(value)
    if isinstance(value, Mapping):
        return {writable(str(name)): plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return base64.b64encode(value).decode("ascii") if isinstance(value, bytes) else str(value)


def writable(text: str) -> str:
    """The text with halves of surrogate pairs, which UTF-8 cannot hold, as they were escaped."""
    return text if text.isascii() else text.encode("utf-8", ESCAPED).decode("utf-8")
