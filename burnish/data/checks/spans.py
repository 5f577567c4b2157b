"""Entities and answers that begin or end where they should not."""

from __future__ import annotations

from collections.abc import Iterator

from burnish.data.checks.finding import Finding, found_at
from burnish.data.checks.subject import Entry, Subject
from burnish.data.word_edges import cuts_word

__all__ = ["find_cut_words", "find_loose_spans", "find_slipped_spans"]

_FEWEST_SLIPPED = 3
_BEGINS = "# [entity or answer begins or ends|entities or answers begin or end]"


def find_loose_spans(subject: Subject) -> Iterator[Finding]:
    """Entities and answers with white space at an edge."""
    places = [
        entry.place.with_detail(f"characters {start}-{end}")
        for entry, text, start, end in _spans(subject)
        if text[start:end] != text[start:end].strip()
    ]
    yield from found_at(
        places,
        kind="span-whitespace",
        severity="warning",
        message=f"{_BEGINS} with white space",
        fix="move their offsets to the first and last letter (--fix does if no word is cut)",
    )


def find_cut_words(subject: Subject) -> Iterator[Finding]:
    """Entities and answers that begin or end inside a word; not in scripts without spaces."""
    places = [
        entry.place.with_detail(f"characters {start}-{end}")
        for entry, text, start, end in _spans(subject)
        if cuts_word(text, start) or cuts_word(text, end)
    ]
    yield from found_at(
        places,
        kind="cut-word",
        severity="warning",
        message=f"{_BEGINS} inside a word",
        fix="move their offsets to the word's edge: a model answers in whole words",
    )


def find_slipped_spans(subject: Subject) -> Iterator[Finding]:
    """Spans that begin in white space and end inside a word, or the other way round, in most rows.

    Where one way of counting explains them all, reading refuses the file (burnish/data/shifts.py).
    """
    spans = [*_spans(subject)]
    places = [
        entry.place.with_detail(f"characters {start}-{end}")
        for entry, text, start, end in spans
        if (text[start].isspace() and cuts_word(text, end))
        or (cuts_word(text, start) and text[end - 1].isspace())
    ]
    if len(places) >= _FEWEST_SLIPPED and 2 * len(places) >= len(spans):
        yield Finding(
            kind="shifted-offsets",
            severity="error",
            message=f"{len(places)} of {len(spans)} entities or answers have white space at one "
            "edge and cut a word at the other: their offsets have shifted, and no single way of "
            "counting corrects them",
            fix="export the rows again with the text that the offsets were counted in; --fix "
            "leaves them as they are",
            rows=tuple(places),
        )


def _spans(subject: Subject) -> Iterator[tuple[Entry, str, int, int]]:
    for entry in subject.entries:
        _, text = entry.example.text_fields[0]
        for start, end in entry.example.marked:
            yield entry, text, start, end
