"""Formats: the table that says which reader reads a file, by its suffix and its first line."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from burnish.data.columns import Columns
from burnish.data.readers.argilla import read_argilla
from burnish.data.readers.arrow import read_parquet, read_saved_data_set
from burnish.data.readers.conll import conll_notes, read_conll
from burnish.data.readers.csv import read_csv
from burnish.data.readers.doccano import read_doccano
from burnish.data.readers.hf_columns import read_answer_columns, read_tagged_tokens
from burnish.data.readers.jsonl import read_jsonl
from burnish.data.readers.label_studio import read_label_studio
from burnish.data.readers.prodigy import read_prodigy
from burnish.data.readers.squad import read_squad
from burnish.data.readers.token_table import read_token_table, token_table_notes
from burnish.data.records import Item
from burnish.errors import DataError

__all__ = ["FORMATS", "Format", "choose_format"]


_START_BYTES = 1 << 16
_SQUAD = re.compile(r'\{\s*("version"\s*:\s*"[^"]*"\s*,\s*)?"data"\s*:\s*\[')


class Reader(Protocol):
    """Reads a file into records in the native form."""

    def __call__(self, path: Path, columns: Columns) -> Iterator[Item]: ...


class TaskReader(Protocol):
    """Reads a file whose rows differ by the task that they are read for."""

    def __call__(self, path: Path, columns: Columns, *, task: str) -> Iterator[Item]: ...


@dataclass(frozen=True, slots=True)
class _Head:
    """What a file shows before it is read."""

    task: str
    suffix: str
    text: str
    """Its first line that is not blank."""
    start: str
    """Its first characters."""
    columns: Columns
    is_directory: bool = False

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
    reader: Reader | None = None
    task_reader: TaskReader | None = None
    """In the place of ``reader`` where the rows depend on the task."""
    notes: Callable[[Path, Columns], tuple[str, ...]] | None = None
    """What a person should know of how a file is read."""
    has_tags: bool = False
    """Its entities are tags of tokens, so that no offset of the file is read."""

    def read(self, path: Path, columns: Columns, *, task: str) -> Iterator[Item]:
        """A file's rows for a task."""
        if self.task_reader is not None:
            return self.task_reader(path, columns, task=task)
        assert self.reader is not None  # noqa: S101  one of the two is in the table
        return self.reader(path, columns)


def _is_saved_data_set(head: _Head) -> bool:
    return head.is_directory


def _is_parquet(head: _Head) -> bool:
    return head.suffix in {".parquet", ".pq"} or head.start.startswith("PAR1")


def _is_label_studio(head: _Head) -> bool:
    full = '"annotations"' in head.start and '"data"' in head.start
    minimal = '"annotator"' in head.start and '"lead_time"' in head.start
    return head.start.startswith("[") and (full or minimal)


def _is_argilla(head: _Head) -> bool:
    return head.start.startswith("[") and '"fields"' in head.start and '"responses"' in head.start


def _is_prodigy(head: _Head) -> bool:
    row = head.row
    marks = {"_task_hash", "_input_hash", "_view_id"} & row.keys()
    return bool(marks) or row.get("answer") in ("accept", "reject", "ignore")


def _is_doccano(head: _Head) -> bool:
    row = head.row
    if head.task == "classification":
        return isinstance(row.get("label"), list) and head.columns.label == "label"
    entities = row.get("entities")
    newer = isinstance(entities, list) and ("Comments" in row or _has_offsets(entities))
    given = row.get("label", row.get("labels"))
    older = "entities" not in row and isinstance(given, list)
    return newer or (older and not _are_native(row.get(head.columns.entities)))


def _are_native(entities: object) -> bool:
    """Whether the recipe's own column holds entities; doccano's older ones are lists."""
    return isinstance(entities, list) and not any(isinstance(each, list) for each in entities)


def _has_offsets(entities: list[object]) -> bool:
    return any(isinstance(each, dict) and "start_offset" in each for each in entities)


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


def _is_token_table(head: _Head) -> bool:
    return head.task == "extraction" and head.suffix == ".csv"


def _is_csv(head: _Head) -> bool:
    return bool(head.text)


_TEXTS = ("classification", "extraction")
_ALL = ("classification", "extraction", "qa")

FORMATS: tuple[Format, ...] = (
    Format("datasets", _ALL, _is_saved_data_set, task_reader=read_saved_data_set),
    Format("Parquet", _ALL, _is_parquet, task_reader=read_parquet),
    Format("SQuAD", ("qa",), _is_squad, read_squad),
    Format("Label Studio", _TEXTS, _is_label_studio, task_reader=read_label_studio),
    Format("Argilla", _TEXTS, _is_argilla, task_reader=read_argilla),
    Format("Prodigy", _TEXTS, _is_prodigy, task_reader=read_prodigy),
    Format("tagged tokens", ("extraction",), _is_tagged_tokens, read_tagged_tokens, has_tags=True),
    Format("answer columns", ("qa",), _is_answer_columns, read_answer_columns),
    Format("doccano", _TEXTS, _is_doccano, task_reader=read_doccano),
    Format("JSON Lines", _ALL, _is_jsonl, read_jsonl),
    Format("CoNLL", ("extraction",), _is_conll, read_conll, notes=conll_notes, has_tags=True),
    Format(
        "CSV of tokens",
        ("extraction",),
        _is_token_table,
        read_token_table,
        notes=token_table_notes,
        has_tags=True,
    ),
    Format("CSV", ("classification",), _is_csv, read_csv),
)


def choose_format(path: Path, task: str, *, columns: Columns) -> Format:
    """The format of a file, by the table's first match.

    Raises:
        DataError: the file holds nothing, or is of a format that cannot hold the task's rows.
    """
    head = _look(path, task, columns)
    found = next(each for each in FORMATS if each.matches(head))
    if task not in found.tasks:
        able = " or ".join(each.name for each in FORMATS if task in each.tasks)
        raise DataError(
            f"is a {found.name} file, which cannot hold {task} rows",
            f"give the rows as {able}",
            file=path,
        )
    return found


def _look(path: Path, task: str, columns: Columns) -> _Head:
    if path.is_dir():
        return _Head(task, "", "", "", columns, is_directory=True)
    text = _first_line(path)
    if not text:
        raise DataError("is empty", "give a file with rows", file=path)
    with path.open("rb") as stream:
        start = stream.read(_START_BYTES).decode("utf-8-sig", errors="replace").lstrip()
    return _Head(task, path.suffix.lower(), text, start, columns)


def _first_line(path: Path) -> str:
    with path.open("rb") as stream:
        for line in stream:
            text = line.decode("utf-8-sig", errors="replace").strip()
            if text:
                return text
    return ""
