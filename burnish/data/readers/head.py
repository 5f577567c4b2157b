"""The head of a file: what its beginning shows about its format and its task."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from burnish.data.columns import Columns
from burnish.data.packed import Packing, check_packed, packing_of
from burnish.data.readers.arrow import is_saved_data_set
from burnish.data.readers.doc_bin import DOC_BIN, is_doc_bin
from burnish.data.readers.foreign import refuse_foreign
from burnish.data.readers.jsonl import first_objects, is_list
from burnish.data.readers.magic import START_BYTES, refuse_binary
from burnish.data.readers.spacy_json import PAIRS, is_spacy_row
from burnish.data.readers.starts import BRAT_START, TMX, holds_spans, is_brat_directory
from burnish.data.readers.workbook import is_workbook
from burnish.data.source import bounded_lines, check_regular, inner_name, open_source
from burnish.data.tags import is_tag
from burnish.errors import DataError
from burnish.tasks.shapes import Shape
from burnish.tasks.table import find_task, tasks_of

__all__ = ["CONLL_SUFFIXES", "Head", "Row", "guess_task", "guess_task_of_rows", "look"]

Row = Mapping[str, object]

CONLL_SUFFIXES = frozenset(
    {".conll", ".conll03", ".bio", ".iob", ".iob2", ".bioes", ".bilou", ".conllu", ".conllup"}
)
_ASKS = re.compile(r'\{(?:.*"paragraphs"\s*:|\s*(?:"version"[^,]*,\s*)?"data"\s*:)', re.DOTALL)
_CELLS = re.compile(r"[\t,;|]")
_WORDS = re.compile(r"[\t,; ]")
_ROWS = 2000
"""Rows that are looked at: the first may not show the format."""
_LINES = 200
_TAGGED = 0.9
_NOT_LABELLED = {"predictions", "suggestions", "meta", "metadata"}
"""Keys whose values nobody has labelled."""


@dataclass(frozen=True, slots=True)
class Head:
    """What a file shows before it is read."""

    shape: Shape | None
    """What it is read for; None where that is to be guessed."""
    suffix: str
    text: str
    """Its first line that is not blank."""
    start: str
    """Its first characters."""
    columns: Columns
    rows: tuple[Row, ...] = ()
    """Its first JSON objects."""
    is_list: bool = False
    """It is one JSON list."""
    is_directory: bool = False
    is_folder_of_texts: bool = False
    is_workbook: bool = False

    def any_row(self, test: Callable[[Row], bool]) -> bool:
        """Whether one of the first objects is so."""
        return any(map(test, self.rows))

    def has_columns(self, names: Collection[str]) -> bool:
        """Whether one of the first objects, or the header of a table, has all of these."""
        if self.rows:
            return self.any_row(lambda row: row.keys() >= set(names))
        return {cell.strip(' "') for cell in _CELLS.split(self.text)} >= set(names)


def look(path: Path, columns: Columns, *, shape: Shape | None = None) -> Head:
    """Look at a file.

    Raises:
        DataError: it is empty, or not a file of rows; names what it is.
    """
    if path.is_dir():
        if is_brat_directory(path):
            return Head(shape, "", BRAT_START, BRAT_START, columns, is_directory=True)
        texts = not is_saved_data_set(path)
        return Head(shape, "", "", "", columns, is_directory=True, is_folder_of_texts=texts)
    check_regular(path)
    if is_workbook(path):
        return Head(shape, path.suffix.lower(), "", "", columns, is_workbook=True)
    packing = packing_of(path)
    if packing is not None:
        check_packed(path, packing)
    with open_source(path) as stream:
        start = stream.read(START_BYTES)
    if start.startswith(b"PAR1") and packing is None:
        return Head(shape, path.suffix.lower(), "PAR1", "PAR1", columns)
    if is_doc_bin(start):
        return Head(shape, path.suffix.lower(), DOC_BIN, DOC_BIN, columns)
    shown = start.decode("utf-8-sig", errors="replace").lstrip()
    try:
        refuse_binary(path, start)
        refuse_foreign(path, shown)
    except DataError as error:
        raise error if packing is None else _inside(path, packing, error.reason) from error
    text = _first_line(path)
    if not text:
        raise DataError("is empty", "give a file with rows", file=path)
    suffix = Path(inner_name(path)).suffix.lower()
    json = text.startswith(("{", "["))
    rows = tuple(first_objects(path, most=_ROWS)) if json else ()
    return Head(shape, suffix, text, shown, columns, rows, json and is_list(path))


def guess_task(path: Path) -> str:
    """The task that a file's rows are for.

    Tasks whose rows have the file's shape are considered. Among them, the task most of whose texts
    have a column in the file is chosen; among equals, the first in the table of tasks.
    """
    head = _head(path)
    return _task_of(_shape(path, head), head)


def guess_task_of_rows(rows: Iterable[Row]) -> str:
    """The task that rows are for, as `guess_task` tells it of a file's."""
    head = Head(None, "", "", "", Columns(), tuple(islice(rows, _ROWS)))
    return _task_of(_shape(Path(), head), head)


def _task_of(shape: Shape, head: Head | None) -> str:
    columns = Columns()

    def texts_there(task: str) -> int:
        texts = find_task(task).rows.texts(columns)
        return len(texts) if head is not None and head.has_columns(texts) else 0

    return max(tasks_of(shape), key=texts_there)


def _head(path: Path) -> Head | None:
    """The head of a file; None where it is not a file of rows."""
    try:
        return look(path, Columns()) if path.exists() else None
    except DataError:
        return None


def _shape(path: Path, head: Head | None) -> Shape:
    """The shape that a file shows; labels where it shows no other."""
    if path.suffix.lower() in CONLL_SUFFIXES:
        return Shape.SPANS
    if head is None:
        return Shape.LABELS
    if head.any_row(_asks) or (not head.rows and _ASKS.match(head.start)):
        return Shape.ANSWERS
    if head.start == DOC_BIN:
        return Shape.SPANS
    if PAIRS.match(head.start):
        return Shape.SPANS if '"entities"' in head.start else Shape.LABELS
    tagged = (
        head.any_row(_has_spans)
        or holds_spans(head.start)
        or (not head.rows and _has_tags(head.start))
    )
    if tagged:
        return Shape.SPANS
    if TMX.match(head.start) or _has_both(head):
        return Shape.WRITTEN
    columns = Columns()
    found = ((Shape.SUMMARIES, columns.summary), (Shape.SCORES, columns.score))
    return next((shape for shape, name in found if _has_alone(head, name)), Shape.LABELS)


def _has_both(head: Head) -> bool:
    """Whether it has a text and another one that was written for it."""
    columns = Columns()
    return _has_alone(head, columns.source) and head.has_columns([columns.target])


def _has_alone(head: Head, name: str) -> bool:
    """Whether it has a column, and none of labels."""
    columns = Columns()
    labels = (columns.label, columns.labels)
    return head.has_columns([name]) and not any(head.has_columns([each]) for each in labels)


def _has_tags(text: str) -> bool:
    """Whether nearly every line has a cell that is a tag, O and others: one token per line."""
    lines = [line for line in text.splitlines()[:_LINES] if line.strip() and line[0] != "#"]
    cells = [[cell.strip(' "') for cell in _WORDS.split(line)] for line in lines]
    tags = [next(filter(is_tag, line), "") for line in cells]
    tags = tags[1:] if tags and not tags[0] else tags  # a header
    return {"O", ""} < {*tags, ""} and sum(map(bool, tags)) >= _TAGGED * len(tags)


def _asks(row: Row) -> bool:
    if is_spacy_row(row):
        return False
    if {"question", "context", "paragraphs"} & row.keys() or {"query", "document"} <= row.keys():
        return True
    articles = row.get("data")
    return isinstance(articles, list) and any(
        isinstance(each, dict) and "paragraphs" in each for each in articles
    )


def _has_spans(row: Row) -> bool:
    if is_spacy_row(row):
        return bool(row.get("ents")) or "paragraphs" in row
    if any(isinstance(row.get(name), list) for name in ("entities", "tokens", "ner")):
        return True
    return _holds_span([value for key, value in row.items() if key not in _NOT_LABELLED], depth=6)


def _holds_span(value: object, *, depth: int) -> bool:
    """Whether a stretch of a text has a label anywhere inside."""
    if isinstance(value, dict):
        ends = {"start", "start_offset"} & value.keys() and {"end", "end_offset"} & value.keys()
        if ends and {"label", "labels", "hypertextlabels"} & value.keys():
            return True
        return depth > 0 and _any_holds(
            (each for key, each in value.items() if key not in _NOT_LABELLED), depth - 1
        )
    if isinstance(value, list):
        if len(value) == 3 and [type(each) for each in value] == [int, int, str]:
            return True
        return depth > 0 and _any_holds(value, depth - 1)
    return False


def _any_holds(values: Iterable[object], depth: int) -> bool:
    return any(_holds_span(each, depth=depth) for each in values)


def _inside(path: Path, packing: Packing, reason: str) -> DataError:
    """What is wrong with the file inside a packed one: only unpacked can it be put right."""
    name = shlex.quote(packing.inner_name(path))
    if reason.startswith("is a zip archive"):  # the names in it are those of the outer one
        reason = "is a zip archive or a workbook"
    hint = f"unpack it, and name the file inside: {packing.command(path)} > {name}"
    return DataError(f"is a {packing.name} file; what it holds {reason}", hint, file=path)


def _first_line(path: Path) -> str:
    with open_source(path) as stream:
        for line in bounded_lines(stream):
            text = (line or b"?").decode("utf-8-sig", errors="replace").strip()
            if text:
                return text
    return ""
