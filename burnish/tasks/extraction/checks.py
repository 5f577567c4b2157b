"""What is checked of this task's rows: that there are entities, and that one text has one label."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from burnish.data.checks.finding import Finding, Place, found_at
from burnish.data.checks.subject import Subject
from burnish.data.content import folded
from burnish.tasks.checks import LabelChecks, Lack, TaskChecks
from burnish.tasks.examples import Example
from burnish.tasks.extraction.example import ExtractionExample, Span

__all__ = ["CHECKS"]

_OFTEN, _RARE_SHARE = 10, 0.1


def _nothing_to_learn(subject: Subject) -> Lack | None:
    return None if subject.labels else Lack("no row has an entity", "add rows with entities")


def _find_other_labels(subject: Subject) -> Iterator[Finding]:
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
    yield from found_at(
        places,
        kind="mention-labelled-differently",
        severity="note",
        message="# [mention has|mentions have] another label than nearly everywhere else",
        fix="check each: it is a slip, or a word with two meanings",
    )


def _mentions(example: Example) -> Iterator[tuple[Span, str]]:
    if isinstance(example, ExtractionExample):
        for span in example.entities:
            yield span, folded(example.text[span.start : span.end])


CHECKS = TaskChecks(
    nothing_to_learn=_nothing_to_learn,
    labels=LabelChecks(one="an entity", fewest=20, of_texts=False),
    own=(_find_other_labels,),
)
