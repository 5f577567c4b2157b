"""Rows of summaries: a record becomes a document with its key sentences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from burnish.data.columns import Columns
from burnish.data.fields import read_group, read_text, type_name, unlabelled_error
from burnish.data.records import Record, Skip, missing_column
from burnish.data.row_fixes import RowEdit
from burnish.data.subgroups import SubgroupReader
from burnish.tasks.rows import TaskRows
from burnish.tasks.sentences import split_sentences
from burnish.tasks.shapes import Shape
from burnish.tasks.summary.example import SummaryExample
from burnish.tasks.summary.oracle import greedy_oracle

__all__ = ["ROWS", "SummaryBuilder"]

_Place = tuple[int, int]
_FORMS = "a text, or a list of the document's own sentences: strings, or {'start': 0, 'end': 40}"


class SummaryBuilder:
    """``{"text", "summary"}``; the summary is free text, or a list of marked sentences."""

    multi_label: ClassVar[bool] = False

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self._subgroups = SubgroupReader(columns)

    def build(self, record: Record) -> SummaryExample | Skip:
        """The record's example, or why it has none."""
        text = read_text(record, self._columns.text, recipe_key="text")
        if not text.strip():
            return Skip(id=record.id, reason="empty text")
        summary, key = _read_summary(record, self._columns.summary, text)
        return SummaryExample(
            id=record.id,
            place=record.place,
            group=read_group(record, self._columns),
            subgroups=self._subgroups.read(record),
            text=text,
            summary=summary,
            key=key,
        )


def _read_summary(record: Record, column: str, text: str) -> tuple[str, tuple[_Place, ...]]:
    """What a person wrote, and the sentences that come nearest to it.

    Raises:
        DataError: there is no such column, or it holds something else.
        UnlabelledError: it is empty.
    """
    if column not in record.fields:
        raise record.error(*missing_column(column, record.fields, recipe_key="summary"))
    value = record.fields[column]
    if value is None or value in ("", []) or (isinstance(value, str) and not value.strip()):
        raise unlabelled_error(record, what="a summary")
    sentences = split_sentences(text)
    if isinstance(value, str):
        summary = read_text(record, column, recipe_key="summary").strip()
        chosen = greedy_oracle([text[start:end] for start, end in sentences], summary)
        return summary, tuple(sentences[place] for place in chosen)
    if not isinstance(value, list):
        raise record.error(f"{column!r} is {type_name(value)}, not a summary", f"write {_FORMS}")
    key = _holding(sentences, [_read_place(record, item, column, text) for item in value])
    return " ".join(text[start:end] for start, end in key), key


def _read_place(record: Record, item: object, column: str, text: str) -> _Place:
    """Where a marked sentence stands. Raises DataError: it stands nowhere in the document."""
    if isinstance(item, str) and item.strip():
        start = text.find(item.strip())
        if start < 0:
            raise record.error(
                f"{column!r} holds a sentence that the document does not: {item[:60]!r}",
                "quote it as it is written there; if you wrote the summary yourself, join its "
                "sentences into one string",
            )
        return start, start + len(item.strip())
    if isinstance(item, dict):
        begin, stop = item.get("start"), item.get("end")
        if type(begin) is int and type(stop) is int:
            if 0 <= begin < stop <= len(text):
                return begin, stop
            raise record.error(
                f"{column!r} marks characters {begin} to {stop} of {len(text)}",
                f"offsets count Unicode code points from 0: 0 <= start < end <= {len(text)}",
                kind="span-outside-text",
            )
    raise record.error(f"{column!r} holds {type_name(item)}", f"write {_FORMS}")


def _holding(sentences: Sequence[_Place], marks: Sequence[_Place]) -> tuple[_Place, ...]:
    """The sentences that are marked at least by half; of each mark, the one with most of it."""
    found = set()
    for start, end in marks:
        shared = [min(end, stop) - max(start, begin) for begin, stop in sentences]
        found.add(max(range(len(sentences)), key=lambda place: shared[place]))
        found |= {
            place
            for place, (begin, stop) in enumerate(sentences)
            if 2 * shared[place] >= stop - begin
        }
    return tuple(sentences[place] for place in sorted(found))


def _fix(row: RowEdit) -> None:
    row.fix_text(row.columns.text)


ROWS = TaskRows(
    shape=Shape.SUMMARIES,
    texts=lambda columns: (columns.text,),
    builder=SummaryBuilder,
    fix=_fix,
)
