"""Repeats: rows that say the same as an earlier one, or the same with another answer."""

from __future__ import annotations

from collections.abc import Iterator

from burnish.data.checks.finding import Finding, Place, found_at
from burnish.data.checks.of_task import checks_of
from burnish.data.checks.subject import Entry, Subject
from burnish.data.content import content_key
from burnish.plural import plural

__all__ = ["find_conflicts", "find_duplicates"]


def find_duplicates(subject: Subject) -> Iterator[Finding]:
    """Rows of one part that repeat an earlier one, answer included."""
    places: list[Place] = []
    for group in _same_texts(subject):
        first: dict[tuple[str, object], Entry] = {}
        for entry in group:
            key = entry.part, entry.example.answer_key
            if key in first:
                places.append(entry.place.with_detail(f"repeats {first[key].example.id}"))
            first.setdefault(key, entry)
    yield from found_at(
        places,
        kind="duplicate",
        severity="note",
        message="# [row repeats|rows repeat] an earlier row (case and space folded)",
        fix="remove them (--fix does), or keep them: a share never puts one text on both sides",
    )


def find_conflicts(subject: Subject) -> Iterator[Finding]:
    """Rows with one text (one question) and different labels, entities or answers."""
    places: list[Place] = []
    texts = 0
    for group in _same_texts(subject):
        first = group[0]
        different = [e for e in group if e.example.answer_key != first.example.answer_key]
        texts += bool(different)
        places += [e.place.with_detail(f"differs from {first.example.id}") for e in different]
        if different:
            places.append(first.place.with_detail(f"differs from {different[0].example.id}"))
    if not texts:
        return
    yield Finding(
        kind=checks_of(subject).conflict_kind,
        severity="warning",
        message=plural(texts, checks_of(subject).conflict),
        fix="choose one, and correct or remove the others",
        rows=tuple(sorted(places, key=lambda place: (place.file, place.line or 0, place.id))),
    )


def _same_texts(subject: Subject) -> list[list[Entry]]:
    """Rows whose inputs are the same, by order of the first of them."""
    same: dict[str, list[Entry]] = {}
    for entry in subject.entries:
        same.setdefault(content_key(entry.example), []).append(entry)
    return [group for group in same.values() if len(group) > 1]
