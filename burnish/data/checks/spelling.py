"""Spelling of labels: two that differ in form alone, and rare ones that look like a slip."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping

from burnish.data.checks.finding import Finding, Place
from burnish.data.checks.subject import Subject, count_labels
from burnish.data.content import class_names

__all__ = ["edit_distance", "find_mistyped_labels", "label_form", "spelling_mends"]

_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
_SHORTEST = 4
"""A slip in a label of three letters makes another abbreviation."""
_RARE_SHARE = 0.05


def find_mistyped_labels(subject: Subject) -> Iterator[Finding]:
    """Labels of all parts, in two ways: of one form, or a letter or two apart and rare."""
    if subject.task == "qa":
        return
    counts = count_labels(entry.example for entry in subject.entries)
    alike = spelling_mends(counts)
    if alike:
        pairs = ", ".join(f"{main!r} and {name!r}" for name, main in alike.items())
        yield Finding(
            kind="labels-alike",
            severity="warning",
            message=f"labels differ in letter case, spacing or Unicode form alone: {pairs}",
            mend="write each label in one way (--fix takes the most frequent)",
            rows=_places(subject, alike),
        )
    slips = dict(_slips({name: n for name, n in counts.items() if name not in alike}))
    if slips:
        pairs = ", ".join(f"{slip!r} for {name!r}" for slip, name in slips.items())
        yield Finding(
            kind="mistyped-label",
            severity="warning",
            message=f"{len(slips)} labels with few rows are a letter or two from another: {pairs}",
            mend="correct them where they are slips",
            rows=_places(subject, slips),
        )


def spelling_mends(counts: Mapping[str, int]) -> dict[str, str]:
    """Rarer spellings of labels that are of one form, and the most frequent spelling.

    Args:
        counts: most frequent first.
    """
    return {name: main for main, others in _same_form(counts) for name in others}


def label_form(label: str) -> str:
    """Equal for labels that differ in case, spacing, underscores, hyphens or Unicode form."""
    plain = _INVISIBLE.sub("", unicodedata.normalize("NFKC", label)).casefold()
    return " ".join(re.sub(r"[_\-\s]+", " ", plain).split())


def edit_distance(one: str, other: str) -> int:
    """Insertions, deletions, substitutions and swaps of neighbours (Damerau 1964)."""
    before: list[int] = []
    last = list(range(len(other) + 1))
    for i, a in enumerate(one, start=1):
        row = [i]
        for j, b in enumerate(other, start=1):
            best = min(last[j] + 1, row[-1] + 1, last[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and b == one[i - 2]:
                best = min(best, before[j - 2] + 1)
            row.append(best)
        before, last = last, row
    return last[-1]


def _same_form(counts: Mapping[str, int]) -> Iterator[tuple[str, list[str]]]:
    forms: dict[str, list[str]] = {}
    for label in counts:  # most frequent first
        forms.setdefault(label_form(label), []).append(label)
    yield from ((names[0], names[1:]) for names in forms.values() if len(names) > 1)


def _slips(counts: dict[str, int]) -> Iterator[tuple[str, str]]:
    for rare, few in counts.items():
        for name, many in counts.items():
            if many * _RARE_SHARE >= few and _is_slip(label_form(rare), label_form(name)):
                yield rare, name
                break


def _is_slip(one: str, other: str) -> bool:
    most = 1 if len(other) < 2 * _SHORTEST else 2
    if len(other) < _SHORTEST or abs(len(one) - len(other)) > most:
        return False
    # "clause 3" is no slip of "clause 4".
    if re.findall(r"\d+", one) != re.findall(r"\d+", other):
        return False
    return edit_distance(one, other) <= most


def _places(subject: Subject, mends: dict[str, str]) -> tuple[Place, ...]:
    return tuple(
        entry.place.with_detail(f"{name!r}, not {mends[name]!r}")
        for entry in subject.entries
        for name in class_names(entry.example)
        if name in mends
    )
