"""Shifts: spans of a file that all lie beside their words, and the counting that explains it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from burnish.data.offsets import CHARACTERS, COUNTINGS, Counting, parse_counting
from burnish.data.records import Item, Record, make_each
from burnish.data.word_edges import on_words
from burnish.errors import DataError

__all__ = ["Counted", "Shift", "SpanForm", "count_offsets"]

_FEWEST = 3
"""Spans that have to fall on words by a counting and not as they are, before it is believed."""
_FEWEST_QUOTED = 2
"""The same for spans whose text the file quotes."""
_MOVED_WERE_WRONG = 0.2
"""Least share; an inclusive end of "Dr." cuts no word."""
_RIGHT = 0.98
_LOOK = 200

Located = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class SpanForm:
    """How the spans of a file's rows are written."""

    text: str
    """The column of the text that they lie in."""
    items: str
    """The column of their list."""
    noun: str
    """What they are, in the plural."""
    right: str
    """What spans in the right place do, for messages: "fall on words"."""
    has_ends: bool = True
    """Each says where it ends; else the text that it quotes does."""


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
    form: SpanForm

    def is_certain(self, record: Record) -> bool:
        """Whether a row's own words prove it: each span that it moves is quoted there."""
        return all(
            span.quoted is not None or span.counted(self.counting) == span.place
            for span in _spans(record, self.form)
        )

    def error(self, path: Path) -> DataError:
        """What was found, and what to do about it."""
        name = self.counting.name
        return DataError(
            f"all offsets count {self.counting.describe()}: counted so, the {self.spans} "
            f"{self.form.noun} that move {self.form.right}; counted in code points, "
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


def count_offsets(
    items: Iterable[Item], path: Path, form: SpanForm | None, *, offsets: str | None
) -> Counted:
    """Read offsets as they are said to count, or find out what they count.

    Args:
        items: the rows of a file.
        path: the file.
        form: how the offsets are written; None where the rows have none.
        offsets: what they count (burnish/data/offsets.py), where that is said.

    Raises:
        UsageError: ``offsets`` is unknown.
    """
    given = list(items)
    counting = None if offsets is None else parse_counting(offsets)
    if form is None:
        return Counted(given, given)
    records = [item for item in given if isinstance(item, Record)]
    spans = [span for record in records for span in _spans(record, form)]
    wrong = [span for span in spans if not span.fits(span.place)]
    if counting is not None:
        error = _misjudged(path, counting, spans, wrong, form)
        return Counted(given, _each(given, counting, form), error=error)
    shift = _find_shift(spans, wrong, form) if len(wrong) >= _FEWEST_QUOTED else None
    if shift is None:
        return Counted(given, given)
    located = _each(given, shift.counting, form)
    return Counted(given, located, shift=shift, error=shift.error(path))


def _each(items: Iterable[Item], counting: Counting, form: SpanForm) -> list[Item]:
    return list(make_each(items, lambda record: _converted(record, counting, form)))


@dataclass(frozen=True, slots=True)
class _Span:
    record: Record
    text: str
    start: int
    end: int
    quoted: str | None
    """What it covers, where the file says."""
    has_end: bool

    @property
    def place(self) -> Located:
        """The offsets as they are given."""
        return self.start, self.end

    def counted(self, counting: Counting) -> Located | None:
        """Where it lies by a counting; None inside a character or outside of the text."""
        if self.has_end:
            return counting.locate(self.text, self.start, self.end)
        start = replace(counting, inclusive=False).locate(self.text, self.start, self.start)
        return None if start is None else (start[0], start[0] + self.end - self.start)

    def fits(self, located: Located | None) -> bool:
        """Whether it is what is quoted there, or else lies on words."""
        if located is None:
            return False
        start, end = located
        if self.quoted is not None:
            return start >= 0 and self.text[start:end] == self.quoted
        return on_words(self.text, start, end)


def _misjudged(
    path: Path, counting: Counting, spans: Sequence[_Span], wrong: Sequence[_Span], form: SpanForm
) -> DataError | None:
    """What is wrong with the counting that was said, where another puts more spans on words."""
    after = sum(not span.fits(span.counted(counting)) for span in spans)
    if counting == CHARACTERS or after < _FEWEST:
        return None
    shift = _find_shift(spans, wrong, form)
    if shift is not None and shift.counting != counting:
        return shift.error(path)
    if after <= len(wrong):
        return None
    return DataError(
        f"counted as data.offsets: {counting.name} says, {after} of {len(spans)} "
        f"{form.noun} do not {form.right}; counted in code points, {len(wrong)} do not",
        "remove data.offsets, or name another way to count",
        file=path,
        row=spans[0].record.id,
        kind="shifted-offsets",
    )


def _find_shift(spans: Sequence[_Span], wrong: Sequence[_Span], form: SpanForm) -> Shift | None:
    """The counting that puts spans on words, where code points do not and no other does."""
    found: list[Shift] = []
    for counting in COUNTINGS[1:]:
        if found and counting.oddness > found[0].counting.oddness:
            break
        shift = _tried(counting, spans, wrong, form)
        if shift is not None:
            found.append(shift)
    places = {tuple(span.counted(each.counting) for span in spans) for each in found}
    return found[0] if len(places) == 1 else None


def _converted(record: Record, counting: Counting, form: SpanForm) -> Record:
    """The record with its offsets in code points.

    A span whose quoted text is where the offsets say already stays.

    Raises:
        DataError: an offset lies inside a character, or outside of the text.
    """
    items = record.fields.get(form.items)
    if counting == CHARACTERS or not isinstance(items, list):
        return record
    moved = [_moved(record, item, counting, form) for item in items]
    return replace(record, fields={**record.fields, form.items: moved})


def _moved(record: Record, item: Any, counting: Counting, form: SpanForm) -> Any:
    span = _span(record, item, form)
    if span is None or (span.quoted is not None and span.fits(span.place)):
        return item
    located = span.counted(counting)
    if located is None:
        raise record.error(
            f"the offsets {span.start} to {span.end} lie inside a character or beyond the text, "
            f"counted as data.offsets: {counting.name} says",
            "correct them, or name another way to count: data.offsets",
        )
    return {**item, "start": located[0], **({"end": located[1]} if form.has_ends else {})}


def _tried(
    counting: Counting, spans: Sequence[_Span], wrong: Sequence[_Span], form: SpanForm
) -> Shift | None:
    def moves(span: _Span) -> bool:
        return span.counted(counting) != span.place

    def is_right(span: _Span) -> bool:
        return span.fits(span.counted(counting))

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
    return Shift(counting, len(moved), len(before), before[0].record, form)


def _spans(record: Record, form: SpanForm) -> Iterator[_Span]:
    items = record.fields.get(form.items)
    for item in items if isinstance(items, list) else ():
        span = _span(record, item, form)
        if span is not None:
            yield span


def _span(record: Record, item: Any, form: SpanForm) -> _Span | None:
    text = record.fields.get(form.text)
    if not isinstance(item, dict) or not isinstance(text, str):
        return None
    quoted = item.get("text", item.get("word"))
    quoted = quoted if isinstance(quoted, str) and quoted.strip() else None
    start, end = item.get("start"), item.get("end")
    if not form.has_ends:
        end = start + len(quoted) if isinstance(start, int) and quoted is not None else None
    if not isinstance(start, int) or not isinstance(end, int):
        return None
    return _Span(record, text, start, end, quoted, form.has_ends)
