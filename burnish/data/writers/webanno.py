r"""WebAnno TSV 3.3: one document of a sentence per row, for INCEpTION and WebAnno.

Entities are ``NamedEntity`` annotations, which every project of these tools knows, with their
labels as ``value``. Offsets count UTF-16 units. A sentence begins with a token there: white space
at the beginning of a text is left out. There are no scores.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from burnish.data.writers.files import staged_text
from burnish.data.writers.rows import NotedRow, Project, checked_rows, refuse_zero
from burnish.data.writers.utf16 import utf16_offsets
from burnish.data.writers.words import Word, cut_words
from burnish.tasks.marks import SpanMark

__all__ = ["write_webanno"]

_HEADER = """\
#FORMAT=WebAnno TSV 3.3
#T_SP=de.tudarmstadt.ukp.dkpro.core.api.ner.type.NamedEntity|identifier|value

"""
_RESERVED = re.compile(r"->|[\\\[\]|_;*\t\n]")
_CONTROL = re.compile(r"[\x00-\x08\t\f\r\x0e-\x1f\\]")
_LETTERS = {"\t": "t", "\n": "n", "\r": "r", "\f": "f", "\b": "b"}


@dataclass(slots=True)
class _Numbers:
    """What is counted through the document."""

    sentence: int = 0
    offset: int = 0
    """UTF-16 units before the next sentence."""
    mark: int = 0
    """Annotations that have a number so far."""


def write_webanno(rows: Iterable[NotedRow], path: Path, *, project: Project) -> int:
    """Write a sentence per row, and return how many there are."""
    numbers = _Numbers()
    with staged_text(path) as stream:
        stream.write(_HEADER)
        for row in checked_rows(rows, project):
            refuse_zero(row, "WebAnno")
            stream.write("\n" + "".join(_sentence(_without_lead(row), numbers)))
    return numbers.sentence


def _without_lead(row: NotedRow) -> NotedRow:
    """The row from its first character that is not white space; its spans are trimmed too."""
    lead = len(row.text) - len(row.text.lstrip())
    spans = tuple(
        replace(each, start=max(0, each.start - lead), end=max(0, each.end - lead))
        for each in row.marks.spans
    )
    spans = tuple(each for each in spans if each.start < each.end)
    return replace(row, text=row.text[lead:], marks=replace(row.marks, spans=spans))


def _sentence(row: NotedRow, numbers: _Numbers) -> Iterator[str]:
    words = cut_words(row)
    numbers.sentence += 1
    for line in row.text.split("\n"):
        yield f"#Text={_CONTROL.sub(_escaped, line)}\n"
    at = utf16_offsets(row.text)
    numbered = _numbered(row, words, numbers)
    for count, word in enumerate(words, start=1):
        start, end = numbers.offset + at[word.start], numbers.offset + at[word.end]
        on = [(span, no) for span, no in numbered if span.start <= word.start < span.end]
        values = "|".join(_RESERVED.sub(_escaped, span.label) + no for span, no in on) or "_"
        empty = "|".join("*" + no for _, no in on) or "_"
        token = row.text[word.start : word.end]
        yield f"{numbers.sentence}-{count}\t{start}-{end}\t{token}\t{empty}\t{values}\t\n"
    numbers.offset += at[len(row.text)] + 1


def _numbered(row: NotedRow, words: list[Word], numbers: _Numbers) -> list[tuple[SpanMark, str]]:
    """Each span with its number, where several tokens or several spans of one token need it."""
    found = []
    for span in row.marks.spans:
        several = sum(span.start <= word.start < span.end for word in words) > 1
        stacked = any(
            other is not span and other.start < span.end and span.start < other.end
            for other in row.marks.spans
        )
        if several or stacked:
            numbers.mark += 1
        found.append((span, f"[{numbers.mark}]" if several or stacked else ""))
    return found


def _escaped(found: re.Match[str]) -> str:
    return "\\" + _LETTERS.get(found[0], found[0])
