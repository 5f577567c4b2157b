"""Entities that begin or end where they should not, or that have another label elsewhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from burnish.data.checks.finding import Finding, Place
from burnish.data.checks.subject import Entry, Subject
from burnish.data.content import folded
from burnish.data.word_edges import cuts_word
from burnish.plural import plural
from burnish.tasks.examples import Example
from burnish.tasks.extraction.example import ExtractionExample, Span
from burnish.tasks.qa.example import QAExample

__all__ = ["find_cut_words", "find_loose_spans", "find_other_labels", "find_slipped_spans"]

_OFTEN, _RARE_SHARE = 10, 0.1
_FEWEST_SLIPPED = 3


def find_loose_spans(subject: Subject) -> Iterator[Finding]:
    """Entities and answers with white space at an edge."""
    places = [
        entry.place.with_detail(f"characters {start}-{end}")
        for entry, text, start, end in _spans(subject)
        if text[start:end] != text[start:end].strip()
    ]
    if places:
        yield Finding(
            kind="span-whitespace",
            severity="warning",
            message=plural(
                len(places),
                "# [entity or answer begins or ends|entities or answers begin or end] with white "
                "space",
            ),
            fix="move their offsets to the first and last letter (--fix does if no word is cut)",
            rows=tuple(places),
        )


def find_cut_words(subject: Subject) -> Iterator[Finding]:
    """Entities and answers that begin or end inside a word; not in scripts without spaces."""
    places = [
        entry.place.with_detail(f"characters {start}-{end}")
        for entry, text, start, end in _spans(subject)
        if cuts_word(text, start) or cuts_word(text, end)
    ]
    if places:
        yield Finding(
            kind="cut-word",
            severity="warning",
            message=plural(
                len(places),
                "# [entity or answer begins or ends|entities or answers begin or end] inside a "
                "word",
            ),
            fix="move their offsets to the word's edge: a model answers in whole words",
            rows=tuple(places),
        )


def find_slipped_spans(subject: Subject) -> Iterator[Finding]:
    """Spans that begin in white space and end inside a word, or the other way round, in most rows.

    One counting that explains them all is an error of reading (burnish/data/shifts.py).
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


def find_other_labels(subject: Subject) -> Iterator[Finding]:
    """Mentions whose text nearly always has another label."""
    mentions: dict[str, Counter[str]] = {}
    for entry in subject.entries:
        for span, key in _mentions(entry.example):
            mentions.setdefault(key, Counter())[span.label] += 1
    places: list[Place] = []
    for entry in subject.entries:
        for span, key in _mentions(entry.example):
            counts = mentions[key]
            usual, often = counts.most_common(1)[0]
            if often >= _OFTEN and counts[span.label] <= _RARE_SHARE * often:
                detail = f"characters {span.start}-{span.end} {span.label!r}, elsewhere {usual!r}"
                places.append(entry.place.with_detail(detail))
    if places:
        yield Finding(
            kind="mention-labelled-differently",
            severity="note",
            message=plural(
                len(places),
                "# [mention has|mentions have] another label than nearly everywhere else",
            ),
            fix="check each: it is a slip, or a word with two meanings",
            rows=tuple(places),
        )


def _spans(subject: Subject) -> Iterator[tuple[Entry, str, int, int]]:
    for entry in subject.entries:
        example = entry.example
        if isinstance(example, ExtractionExample):
            for span in example.entities:
                yield entry, example.text, span.start, span.end
        elif isinstance(example, QAExample):
            for answer in example.answers:
                yield entry, example.context, answer.start, answer.start + len(answer.text)


def _mentions(example: Example) -> Iterator[tuple[Span, str]]:
    if isinstance(example, ExtractionExample):
        for span in example.entities:
            yield span, folded(example.text[span.start : span.end])
