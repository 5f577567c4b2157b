"""Near repeats: rows that differ from an earlier one by a few characters."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence

from burnish.data.checks.finding import Finding, Place, found_at
from burnish.data.checks.shingles import near_pairs
from burnish.data.checks.subject import Entry, Subject
from burnish.data.content import content_key, folded

__all__ = ["find_near_repeats"]


def find_near_repeats(subject: Subject) -> Iterator[Finding]:
    """Near duplicates inside a part, and rows that are nearly the same as one of another part."""
    duplicates: list[Place] = []
    leaks: list[Place] = []
    for later, earlier, percent in _pairs(subject):
        places = duplicates if later.part == earlier.part else leaks
        where = "" if later.part == earlier.part else f" in {earlier.part}"
        detail = f"{percent} % like {earlier.example.id}{where}"
        places.append(later.place.with_detail(detail))
    yield from found_at(
        duplicates,
        kind="near-duplicate",
        severity="note",
        message="# [row is|rows are] nearly the same as an earlier row",
        fix="keep one of each, or give them a group (data.group) so that a split keeps them "
        "together",
    )
    yield from found_at(
        leaks,
        kind="near-leak",
        severity="warning",
        message="# [row of one part is|rows of one part are] nearly the same as one of another",
        fix="move them to one part: the model has nearly seen them, so their score is too high",
    )


def _pairs(subject: Subject) -> Iterator[tuple[Entry, Entry, int]]:
    if subject.entries[0].example.shared is not None:
        # Questions about one passage share nearly all of what a model reads. Inside a part they
        # are compared without the passage; questions with different answers may differ by a word.
        # Between parts only the passages are compared.
        asked = _first_of(subject.entries, _content)
        for later, earlier, percent in _compared(asked, [_own_text(e) for e in asked], same=True):
            if later.example.answer_key == earlier.example.answer_key:
                yield later, earlier, percent
        passages = _first_of(subject.entries, _shared_text)
        yield from _compared(passages, [_shared_text(e) for e in passages], same=False)
        return
    entries = _first_of(subject.entries, _content)
    yield from _compared(entries, [_content(e) for e in entries], same=None)


def _compared(
    entries: Sequence[Entry], texts: Sequence[str], *, same: bool | None
) -> Iterator[tuple[Entry, Entry, int]]:
    """Near pairs inside a part (``same``), between two parts (not ``same``), or both (None)."""
    groups: list[Hashable] = [
        (entry.part, _shared_text(entry)) if same else entry.part for entry in entries
    ]
    for pair in near_pairs(texts, groups=groups):
        later, earlier = entries[pair.later], entries[pair.earlier]
        together = groups[pair.later] == groups[pair.earlier]
        identical = texts[pair.later] == texts[pair.earlier]
        if not identical and same in (None, together):
            yield later, earlier, min(99, int(100 * pair.similarity))


def _first_of(entries: Sequence[Entry], key: Callable[[Entry], str]) -> list[Entry]:
    """The first entry with each key in each part."""
    first: dict[Hashable, Entry] = {}
    for entry in entries:
        first.setdefault((entry.part, key(entry)), entry)
    return list(first.values())


def _content(entry: Entry) -> str:
    return content_key(entry.example)


def _own_text(entry: Entry) -> str:
    """The texts of a row except the one that it shares with others."""
    fields = entry.example.text_fields
    return folded("\n".join(text for name, text in fields if (name, text) != entry.example.shared))


def _shared_text(entry: Entry) -> str:
    shared = entry.example.shared
    return "" if shared is None else folded(shared[1])
