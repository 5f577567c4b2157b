"""Leaks: rows that two parts of the data share, so that a score partly measures memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from burnish.data.checks.finding import Finding, Place, found_at
from burnish.data.checks.subject import Entry, Subject
from burnish.data.content import content_key, folded

__all__ = ["find_leaks", "find_shared_groups"]


def find_leaks(subject: Subject) -> Iterator[Finding]:
    """Rows of validation or test whose text (question and context) is in an earlier part."""
    yield from found_at(
        _seen_before(subject, lambda entry: content_key(entry.example), "the text of"),
        kind="leak",
        severity="warning",
        message="# [row of one part is|rows of one part are] also in another (case and space "
        "folded)",
        fix="remove them from one of the two: a score on seen rows means nothing",
    )


def find_shared_groups(subject: Subject) -> Iterator[Finding]:
    """Rows of validation or test whose group, or context, is in an earlier part."""
    keys: dict[str, Callable[[Entry], str | None]] = {"group": lambda entry: entry.example.group}
    if shared := subject.entries[0].example.shared:
        keys[shared[0]] = _shared
    for what, key in keys.items():
        which = "# [row of one part shares its|rows of one part share their]"
        yield from found_at(
            _seen_before(subject, key, f"the {what} of"),
            kind="shared-group",
            severity="warning",
            message=f"{which} {what} with another part",
            fix=f"split by {what}: a share instead of the file does that",
        )


def _seen_before(subject: Subject, key: Callable[[Entry], str | None], what: str) -> list[Place]:
    first: dict[str, Entry] = {}
    places = []
    for entry in subject.entries:
        value = key(entry)
        if value is None:
            continue
        known = first.setdefault(value, entry)
        if known.part != entry.part:
            detail = f"{what} {known.example.id} in {known.part}"
            places.append(entry.place.with_detail(detail))
    return places


def _shared(entry: Entry) -> str | None:
    shared = entry.example.shared
    return None if shared is None else folded(shared[1])
