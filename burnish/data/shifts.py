"""Shifts: spans of a file that all lie beside their words, and the counting that explains it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from burnish.data.columns import Columns
from burnish.data.offsets import CHARACTERS, COUNTINGS, Counting, parse_counting
from burnish.data.records import Record
from burnish.data.word_edges import on_words

__all__ = ["Shift", "converted", "find_shift", "given_counting"]

_FEWEST = 3
"""Spans that have to fall on words by a counting and not as they are, before it is believed."""
_FEWEST_QUOTED = 2
"""The same for spans whose text the file quotes."""
_MOST_MOVED_WERE_WRONG = 0.5
_RIGHT = 0.98
_LOOK = 200

Located = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Shift:
    """A counting that puts the spans of a file on words, and how many."""

    counting: Counting
    spans: int
    """Spans that it puts elsewhere."""
    wrong: int
    """Those of them that lie beside words as they are."""
    kind: str
    """``entities`` or ``answers``."""

    def message(self) -> str:
        """What was found, without the file's name."""
        counted = self.counting.describe()
        return (
            f"all offsets count {counted}: read so, the {self.spans} {self.kind} that this moves "
            f"fall on words; read as code points, {self.wrong} of them do not"
        )

    def hint(self) -> str:
        """What to do about it."""
        name = self.counting.name
        return (
            f"say --offsets {name} (in a recipe: data.offsets: {name}); with --fix too, the copy "
            "counts code points. If the offsets are right as they are: --offsets characters"
        )


@dataclass(frozen=True, slots=True)
class _Span:
    text: str
    start: int
    end: int
    quoted: str | None
    """What it covers, where the file says."""

    def fits(self, located: Located | None) -> bool:
        if located is None:
            return False
        start, end = located
        if self.quoted is not None:
            return start >= 0 and self.text[start:end] == self.quoted
        return on_words(self.text, start, end)


def given_counting(columns: Columns) -> Counting | None:
    """The counting that was said; None where none was.

    Raises:
        UsageError: it is unknown.
    """
    return None if columns.offsets is None else parse_counting(columns.offsets)


def find_shift(records: Iterable[Record], columns: Columns, *, task: str) -> Shift | None:
    """The counting that puts all spans on words, where code points do not and no other does.

    Args:
        records: of one file, in the native form.
        columns: names of their fields.
        task: what they are for.
    """
    spans = [span for record in records for span in _spans(record, columns, task)]
    wrong = [span for span in spans if not span.fits((span.start, span.end))]
    if len(wrong) < _FEWEST_QUOTED:
        return None
    found: list[Shift] = []
    for counting in COUNTINGS[1:]:
        if found and counting.oddness > found[0].counting.oddness:
            break
        shift = _tried(counting, spans, wrong, "answers" if task == "qa" else "entities")
        if shift is not None:
            found.append(shift)
    differ = len({_places(shift.counting, spans) for shift in found}) > 1
    return None if differ or not found else found[0]


def converted(record: Record, columns: Columns, counting: Counting, *, task: str) -> Record:
    """The record with its offsets in code points.

    A span whose quoted text is where the offsets say already stays.

    Raises:
        DataError: an offset lies inside a character, or outside of the text.
    """
    column = columns.answers if task == "qa" else columns.entities
    text = record.fields.get(columns.context if task == "qa" else columns.text)
    items = record.fields.get(column)
    if counting == CHARACTERS or not isinstance(text, str) or not isinstance(items, list):
        return record
    moved = [_moved(record, item, text, counting, task) for item in items]
    return replace(record, fields={**record.fields, column: moved})


def _moved(record: Record, item: Any, text: str, counting: Counting, task: str) -> Any:
    span = _span(item, text, task)
    if span is None or (span.quoted is not None and span.fits((span.start, span.end))):
        return item
    located = _located(span, counting)
    if located is None:
        raise record.error(
            f"the offsets {span.start} to {span.end} are inside a character or beyond the text, "
            f"counted as --offsets {counting.name} says",
            "correct them, or count otherwise: --offsets, data.offsets",
            kind="span-outside-text",
        )
    return {**item, "start": located[0]} | ({} if task == "qa" else {"end": located[1]})


def _located(span: _Span, counting: Counting) -> Located | None:
    """Where it lies; of a quoted span only the start is counted."""
    if span.quoted is None or span.end != span.start + len(span.quoted):
        return counting.locate(span.text, span.start, span.end)
    plain = replace(counting, inclusive=False)
    located = plain.locate(span.text, span.start, span.start)
    # The start is the last of the places that count alike: behind a line end that counts nothing.
    return None if located is None else (located[0], located[0] + len(span.quoted))


def _tried(
    counting: Counting, spans: Sequence[_Span], wrong: Sequence[_Span], kind: str
) -> Shift | None:
    sample = [span for span in wrong[:_LOOK] if _moves(span, counting)]
    explained = sum(span.fits(_located(span, counting)) for span in sample)
    if not sample or explained < _RIGHT * len(sample):
        return None
    moved = [span for span in spans if _moves(span, counting)]
    right = sum(span.fits(_located(span, counting)) for span in moved)
    before = [span for span in moved if not span.fits((span.start, span.end))]
    quoted = sum(span.quoted is not None for span in before)
    enough = len(before) >= _FEWEST or quoted >= _FEWEST_QUOTED
    if not enough or len(before) < _MOST_MOVED_WERE_WRONG * len(moved):
        return None
    return Shift(counting, len(moved), len(before), kind) if right >= _RIGHT * len(moved) else None


def _moves(span: _Span, counting: Counting) -> bool:
    return _located(span, counting) != (span.start, span.end)


def _places(counting: Counting, spans: Sequence[_Span]) -> tuple[Located | None, ...]:
    return tuple(_located(span, counting) for span in spans)


def _spans(record: Record, columns: Columns, task: str) -> Iterator[_Span]:
    text = record.fields.get(columns.context if task == "qa" else columns.text)
    items = record.fields.get(columns.answers if task == "qa" else columns.entities)
    for item in items if isinstance(items, list) and isinstance(text, str) else ():
        span = _span(item, text, task)
        if span is not None:
            yield span


def _span(item: Any, text: str, task: str) -> _Span | None:
    if not isinstance(item, dict):
        return None
    quoted = item.get("text", item.get("word"))
    quoted = quoted if isinstance(quoted, str) and quoted.strip() else None
    start = item.get("start")
    end = start + len(quoted) if task == "qa" and _is_number(start) and quoted else item.get("end")
    if not _is_number(start) or not _is_number(end):
        return None
    return _Span(text, start, end, quoted)


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
