"""Shifts: spans of a file that all lie beside their words, and the counting that explains it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from burnish.data.columns import Columns
from burnish.data.offsets import CHARACTERS, COUNTINGS, Counting, parse_counting
from burnish.data.records import Item, Record, make_each
from burnish.data.word_edges import on_words
from burnish.errors import DataError

__all__ = ["Counted", "Shift", "converted", "count_offsets"]

_FEWEST = 3
"""Spans that have to fall on words by a counting and not as they are, before it is believed."""
_FEWEST_QUOTED = 2
"""The same for spans whose text the file quotes."""
_MOVED_WERE_WRONG = 0.2
"""Least share; an inclusive end of "Dr." cuts no word."""
_RIGHT = 0.98
_LOOK = 200

_WHAT = {"extraction": "entities", "qa": "answers"}
_RIGHT_PLACE = {"extraction": "fall on words", "qa": "match the text"}

Located = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Shift:
    """A counting that puts the spans of a file on words, and how many."""

    counting: Counting
    spans: int
    """Spans that it puts elsewhere."""
    wrong: int
    """Those of them that do not lie on words as they are."""
    first: Record
    """The row of the first of those."""
    task: str

    def is_certain(self, record: Record, columns: Columns) -> bool:
        """Whether a row's own words prove it: each span that it moves is quoted there."""
        return all(
            span.quoted is not None or _located(span, self.counting, self.task) == span.place
            for span in _spans(record, columns, self.task)
        )

    def error(self, path: Path) -> DataError:
        """What was found, and what to do about it."""
        name = self.counting.name
        return DataError(
            f"all offsets count {self.counting.describe()}: counted so, the {self.spans} "
            f"{_WHAT[self.task]} that move {_RIGHT_PLACE[self.task]}; counted in code points, "
            f"{self.spans - self.wrong} of them do",
            f"set data.offsets: {name}; with it, burnish check --fix writes a copy whose offsets "
            "count code points. If the offsets are right as they are, set data.offsets: characters",
            file=path,
            row=self.first.id,
            kind="shifted-offsets",
        )


@dataclass(frozen=True, slots=True)
class Counted:
    """The rows of a file with their offsets in code points, and what is wrong with the counting."""

    given: list[Item]
    """The rows as they were."""
    items: list[Item]
    shift: Shift | None = None
    """What was not said, and explains the offsets."""
    error: DataError | None = None
    """The shift as an error; or that the counting that was said puts fewer spans on words."""


def count_offsets(items: Iterable[Item], path: Path, columns: Columns, *, task: str) -> Counted:
    """Read offsets as ``columns.offsets`` says, or find out what they count.

    Raises:
        UsageError: ``columns.offsets`` is unknown.
    """
    given = list(items)
    records = [item for item in given if isinstance(item, Record)]
    spans = [span for record in records for span in _spans(record, columns, task)]
    wrong = [span for span in spans if not span.fits(span.place)]
    if columns.offsets is not None:
        counting = parse_counting(columns.offsets)
        error = _misjudged(path, counting, spans, wrong, task)
        return Counted(given, _each(given, columns, counting, task), error=error)
    shift = _find_shift(spans, wrong, task) if len(wrong) >= _FEWEST_QUOTED else None
    if shift is None:
        return Counted(given, given)
    located = _each(given, columns, shift.counting, task)
    return Counted(given, located, shift=shift, error=shift.error(path))


def _each(items: Iterable[Item], columns: Columns, counting: Counting, task: str) -> list[Item]:
    def located(record: Record) -> Record:
        return converted(record, columns, counting, task=task)

    return list(make_each(items, located))


@dataclass(frozen=True, slots=True)
class _Span:
    record: Record
    text: str
    start: int
    end: int
    quoted: str | None
    """What it covers, where the file says."""

    @property
    def place(self) -> Located:
        """The offsets as they are given."""
        return self.start, self.end

    def fits(self, located: Located | None) -> bool:
        """Whether it is what is quoted there, or else lies on words."""
        if located is None:
            return False
        start, end = located
        if self.quoted is not None:
            return start >= 0 and self.text[start:end] == self.quoted
        return on_words(self.text, start, end)


def _misjudged(
    path: Path, counting: Counting, spans: Sequence[_Span], wrong: Sequence[_Span], task: str
) -> DataError | None:
    """What is wrong with the counting that was said, where another puts more spans on words."""
    after = sum(not span.fits(_located(span, counting, task)) for span in spans)
    if counting == CHARACTERS or after < _FEWEST:
        return None
    shift = _find_shift(spans, wrong, task)
    if shift is not None and shift.counting != counting:
        return shift.error(path)
    if after <= len(wrong):
        return None
    return DataError(
        f"counted as data.offsets: {counting.name} says, {after} of {len(spans)} "
        f"{_WHAT[task]} do not {_RIGHT_PLACE[task]}; counted in code points, {len(wrong)} do not",
        "remove data.offsets, or name another way to count",
        file=path,
        row=spans[0].record.id,
        kind="shifted-offsets",
    )


def _find_shift(spans: Sequence[_Span], wrong: Sequence[_Span], task: str) -> Shift | None:
    """The counting that puts spans on words, where code points do not and no other does."""
    found: list[Shift] = []
    for counting in COUNTINGS[1:]:
        if found and counting.oddness > found[0].counting.oddness:
            break
        shift = _tried(counting, spans, wrong, task)
        if shift is not None:
            found.append(shift)
    places = {tuple(_located(span, each.counting, task) for span in spans) for each in found}
    return found[0] if len(places) == 1 else None


def converted(record: Record, columns: Columns, counting: Counting, *, task: str) -> Record:
    """The record with its offsets in code points.

    A span whose quoted text is where the offsets say already stays.

    Raises:
        DataError: an offset lies inside a character, or outside of the text.
    """
    column = columns.answers if task == "qa" else columns.entities
    items = record.fields.get(column)
    if counting == CHARACTERS or not isinstance(items, list):
        return record
    moved = [_moved(record, item, columns, counting, task) for item in items]
    return replace(record, fields={**record.fields, column: moved})


def _moved(record: Record, item: Any, columns: Columns, counting: Counting, task: str) -> Any:
    span = _span(record, item, columns, task)
    if span is None or (span.quoted is not None and span.fits(span.place)):
        return item
    located = _located(span, counting, task)
    if located is None:
        raise record.error(
            f"the offsets {span.start} to {span.end} lie inside a character or beyond the text, "
            f"counted as data.offsets: {counting.name} says",
            "correct them, or name another way to count: data.offsets",
        )
    return {**item, "start": located[0], **({} if task == "qa" else {"end": located[1]})}


def _located(span: _Span, counting: Counting, task: str) -> Located | None:
    """Where it lies; an answer has a start alone."""
    if task != "qa":
        return counting.locate(span.text, span.start, span.end)
    start = replace(counting, inclusive=False).locate(span.text, span.start, span.start)
    return None if start is None else (start[0], start[0] + span.end - span.start)


def _tried(
    counting: Counting, spans: Sequence[_Span], wrong: Sequence[_Span], task: str
) -> Shift | None:
    def moves(span: _Span) -> bool:
        return _located(span, counting, task) != span.place

    def is_right(span: _Span) -> bool:
        return span.fits(_located(span, counting, task))

    sample = [span for span in wrong[:_LOOK] if moves(span)]
    if not sample or sum(map(is_right, sample)) < _RIGHT * len(sample):
        return None
    moved = [span for span in spans if moves(span)]
    before = [span for span in moved if not span.fits(span.place)]
    quoted = sum(span.quoted is not None for span in before)
    enough = len(before) >= _FEWEST or quoted >= _FEWEST_QUOTED
    if not enough or len(before) < _MOVED_WERE_WRONG * len(moved):
        return None
    if sum(map(is_right, moved)) < _RIGHT * len(moved):
        return None
    return Shift(counting, len(moved), len(before), before[0].record, task)


def _spans(record: Record, columns: Columns, task: str) -> Iterator[_Span]:
    items = record.fields.get(columns.answers if task == "qa" else columns.entities)
    for item in items if isinstance(items, list) else ():
        span = _span(record, item, columns, task)
        if span is not None:
            yield span


def _span(record: Record, item: Any, columns: Columns, task: str) -> _Span | None:
    text = record.fields.get(columns.context if task == "qa" else columns.text)
    if not isinstance(item, dict) or not isinstance(text, str):
        return None
    quoted = item.get("text", item.get("word"))
    quoted = quoted if isinstance(quoted, str) and quoted.strip() else None
    start, end = item.get("start"), item.get("end")
    if task == "qa":
        end = start + len(quoted) if isinstance(start, int) and quoted is not None else None
    if not isinstance(start, int) or not isinstance(end, int):
        return None
    return _Span(record, text, start, end, quoted)
