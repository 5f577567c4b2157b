"""Spelling of labels: forms of one label, rare slips, and what may say that there is none."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping

from burnish.data.checks.finding import Finding, Place
from burnish.data.checks.of_task import checks_of, has_one_label
from burnish.data.checks.subject import Subject, count_labels
from burnish.data.label_forms import bare_label, is_doubtful
from burnish.plural import plural

__all__ = [
    "edit_distance",
    "find_doubtful_labels",
    "find_mistyped_labels",
    "label_form",
    "spelling_fixes",
]

_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
_MOST_SHOWN = 10
_SHORTEST = 4
"""A shorter label is an abbreviation: another letter makes another abbreviation."""
_RARE_SHARE, _RARE_ROWS = 0.05, 9
"""A slip has few rows in any case: a frequent "hypotension" is not a slip of "hypertension"."""
_DECIMALS = re.compile(r"(-?\d+)[.,]0+")
_WHOLE = re.compile(r"-?\d+")


def find_mistyped_labels(subject: Subject) -> Iterator[Finding]:
    """Labels of all parts: of one form, in quotes, or rare and a letter or two from another."""
    if checks_of(subject).labels is None:
        return
    counts = count_labels(entry.example for entry in subject.entries)
    fixes = spelling_fixes(counts)
    quoted = {name: main for name, main in fixes.items() if bare_label(name) == main}
    alike = {name: main for name, main in fixes.items() if name not in quoted}
    if quoted:
        yield Finding(
            kind="quoted-label",
            severity="warning",
            message=plural(
                len(quoted),
                "# [label keeps the quotes around it|labels keep the quotes around them]: ",
            )
            + _shown(quoted),
            fix="remove the quotes (--fix does)",
            rows=_places(subject, quoted),
        )
    if alike:
        yield Finding(
            kind="labels-alike",
            severity="warning",
            message="labels differ in letter case, spacing, Unicode form or decimals alone: "
            + ", ".join(f"{main!r} and {name!r}" for name, main in alike.items()),
            fix="write each label in one way (--fix does: as in the other files given, whole "
            "numbers without decimals, else the most frequent)",
            rows=_places(subject, alike),
        )
    slips = dict(_slips({name: n for name, n in counts.items() if name not in fixes}))
    if slips:
        pairs = ", ".join(f"{slip!r} for {name!r}" for slip, name in slips.items())
        yield Finding(
            kind="mistyped-label",
            severity="warning",
            message=plural(
                len(slips), "# [label with few rows is|labels with few rows are] a letter or two "
            )
            + f"from another: {pairs}",
            fix="correct the slips",
            rows=_places(subject, slips),
        )


def find_doubtful_labels(subject: Subject) -> Iterator[Finding]:
    """Labels of texts that may say that there is none, such as NA, or are a list in brackets."""
    if not has_one_label(subject):
        return
    counts = count_labels(entry.example for entry in subject.entries)
    doubtful = {name: n for name, n in counts.items() if is_doubtful(name)}
    if doubtful:
        named = ", ".join(f"{name!r} ({plural(n, '# [row|rows]')})" for name, n in doubtful.items())
        one = next(iter(doubtful))
        yield Finding(
            kind="doubtful-label",
            severity="warning",
            message=f"these labels may mean that there is no label: {named}",
            fix="where these rows have no label, set for example data.no_label: "
            f"{one}; if it is a class, give it a clearer name",
            rows=tuple(
                entry.place.with_detail(repr(name))
                for entry in subject.entries
                for name in entry.example.class_names
                if name in doubtful
            ),
        )


def spelling_fixes(counts: Mapping[str, int], *, settled: Collection[str] = ()) -> dict[str, str]:
    """Labels that are written in more ways than one, or in quotes, and how to write each.

    Args:
        counts: most frequent first.
        settled: labels of other files; if they have only one spelling of a label, it is used.
    """
    forms: dict[str, list[str]] = {}
    for label in counts:
        forms.setdefault(label_form(label), []).append(label)
    elsewhere: dict[str, set[str]] = {}
    for label in settled:
        elsewhere.setdefault(label_form(label), set()).add(label)
    fixes: dict[str, str] = {}
    for form, names in forms.items():
        others = elsewhere.get(form, set())
        main = next(iter(others)) if len(others) == 1 else _main_spelling(form, names)
        fixes |= {name: main for name in names if name != main}
    return fixes


def _main_spelling(form: str, names: list[str]) -> str:
    whole = form if _WHOLE.fullmatch(form) and len(names) > 1 else None
    return whole or next((name for name in names if bare_label(name) == name), bare_label(names[0]))


def label_form(label: str) -> str:
    """Equal for labels that differ only in case, spacing, underscores, hyphens, quotes or decimals.

    Unicode forms of one text are equal too, and so are ``1`` and ``1.0``.
    """
    plain = bare_label(_INVISIBLE.sub("", unicodedata.normalize("NFKC", label)).strip())
    if number := _DECIMALS.fullmatch(plain):
        return number[1]
    return " ".join(re.sub(r"[_\-\s]+", " ", plain.casefold()).split())


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


def _slips(counts: dict[str, int]) -> Iterator[tuple[str, str]]:
    for rare, few in counts.items():
        for name, many in counts.items():
            rare_enough = few <= min(_RARE_ROWS, many * _RARE_SHARE)
            if rare_enough and _is_slip(label_form(rare), label_form(name)):
                yield rare, name
                break


def _shown(fixes: Mapping[str, str]) -> str:
    pairs = [f"{name!r} for {main!r}" for name, main in list(fixes.items())[:_MOST_SHOWN]]
    return ", ".join(pairs) + (", …" if len(fixes) > _MOST_SHOWN else "")


def _is_slip(one: str, other: str) -> bool:
    most = 1 if len(other) < 2 * _SHORTEST else 2
    if len(other) < _SHORTEST or abs(len(one) - len(other)) > most:
        return False
    # "clause 3" is not a slip of "clause 4".
    if re.findall(r"\d+", one) != re.findall(r"\d+", other):
        return False
    return edit_distance(one, other) <= most


def _places(subject: Subject, fixes: dict[str, str]) -> tuple[Place, ...]:
    return tuple(
        entry.place.with_detail(f"{name!r}, not {fixes[name]!r}")
        for entry in subject.entries
        for name in entry.example.class_names
        if name in fixes
    )
