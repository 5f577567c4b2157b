"""Formats: the table that says which reader reads a file, by its suffix and its first line."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from burnish.data.columns import Columns
from burnish.data.readers.conll import read_conll
from burnish.data.readers.csv import read_csv
from burnish.data.readers.hf_columns import read_answer_columns, read_tagged_tokens
from burnish.data.readers.jsonl import read_jsonl
from burnish.data.readers.squad import read_squad
from burnish.data.records import Record, Skip
from burnish.errors import DataError

__all__ = ["FORMATS", "Format", "choose_format"]


_SQUAD = re.compile(r'\{\s*("version"\s*:\s*"[^"]*"\s*,\s*)?"data"\s*:\s*\[')


class Reader(Protocol):
    """Reads a file into records in the native form."""

    def __call__(self, path: Path, columns: Columns) -> Iterator[Record | Skip]: ...


@dataclass(frozen=True, slots=True)
class _Head:
    """What a file shows before it is read."""

    task: str
    suffix: str
    text: str
    """Its first line that is not blank."""
    columns: Columns

    @property
    def row(self) -> dict[str, object]:
        """That line's JSON object; empty where it is none."""
        try:
            value = json.loads(self.text)
        except (ValueError, RecursionError):
            return {}
        return value if isinstance(value, dict) else {}


@dataclass(frozen=True, slots=True)
class Format:
    """A file format; ``matches`` is asked in the table's order."""

    name: str
    tasks: tuple[str, ...]
    """The tasks whose rows it can hold."""
    matches: Callable[[_Head], bool]
    read: Reader


def _is_squad(head: _Head) -> bool:
    # A pretty-printed document begins with a line that is not a row of its own.
    return bool(_SQUAD.match(head.text)) or (head.task == "qa" and head.text == "{")


def _is_tagged_tokens(head: _Head) -> bool:
    row, columns = head.row, head.columns
    has_tokens = columns.tokens in row and row.get(columns.entities) is None
    return head.task == "extraction" and has_tokens


def _is_answer_columns(head: _Head) -> bool:
    return head.task == "qa" and isinstance(head.row.get(head.columns.answers), dict)


def _is_jsonl(head: _Head) -> bool:
    return head.suffix in {".jsonl", ".ndjson", ".json"} or head.text.startswith(("{", "["))


def _is_conll(head: _Head) -> bool:
    named = head.suffix in {".conll", ".conll03", ".bio", ".iob", ".iob2", ".bioes", ".bilou"}
    return named or (head.task == "extraction" and head.suffix != ".csv")


def _is_csv(head: _Head) -> bool:
    return bool(head.text)


FORMATS: tuple[Format, ...] = (
    Format("SQuAD", ("qa",), _is_squad, read_squad),
    Format("tagged tokens", ("extraction",), _is_tagged_tokens, read_tagged_tokens),
    Format("answer columns", ("qa",), _is_answer_columns, read_answer_columns),
    Format("JSON Lines", ("classification", "extraction", "qa"), _is_jsonl, read_jsonl),
    Format("CoNLL", ("extraction",), _is_conll, read_conll),
    Format("CSV", ("classification",), _is_csv, read_csv),
)


def choose_format(path: Path, task: str, *, columns: Columns) -> Format:
    """The format of a file, by the table's first match.

    Raises:
        DataError: the file holds nothing, or is of a format that cannot hold the task's rows.
    """
    text = _first_line(path)
    if not text:
        raise DataError("is empty", "give a file with rows", file=path)
    head = _Head(task, path.suffix.lower(), text, columns)
    found = next(each for each in FORMATS if each.matches(head))
    if task not in found.tasks:
        able = " or ".join(each.name for each in FORMATS if task in each.tasks)
        raise DataError(
            f"is a {found.name} file, which cannot hold {task} rows",
            f"give the rows as {able}",
            file=path,
        )
    return found


def _first_line(path: Path) -> str:
    with path.open("rb") as stream:
        for line in stream:
            text = line.decode("utf-8-sig", errors="replace").strip()
            if text:
                return text
    return ""
