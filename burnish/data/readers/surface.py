"""Surface: the text of a sentence of CoNLL-U, where it lies in ``# text`` and ``SpaceAfter=No``.

See https://universaldependencies.org/format.html. A line of several words (``1-2 du``) is what the
text has; its words have its place.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Surface", "find_misc", "named_entity", "read_surface"]

_RANGE = re.compile(r"(\d{1,9})-(\d{1,9})")
_NODE = re.compile(r"\d{1,9}\.\d{1,9}")
_WORD = re.compile(r"\d{1,9}")
_NO_SPACE = re.compile(r"(?:^|\|)SpaceAfter=No(?:\||$)")
_ENTITY = re.compile(r"(?:^|\|)(?:NER|NE|ner|ne)=([^|]+)")
_COLUMNS = 10
"""Of CoNLL-U; the last is MISC."""


@dataclass(frozen=True, slots=True)
class Surface:
    """A text, and where each word that is not a range or an empty node lies in it."""

    text: str
    offsets: Sequence[tuple[int, int]]


def find_misc(names: Sequence[str], lines: Sequence[Sequence[str]]) -> int | None:
    """The column of MISC: by its name, or in a file that has CoNLL-U's columns."""
    folded = [name.upper() for name in names]
    if folded:
        return folded.index("MISC") if "MISC" in folded and "FORM" in folded else None
    plain = [cells for cells in lines if cells]
    is_conllu = bool(plain) and all(
        len(cells) == _COLUMNS and any(each.fullmatch(cells[0]) for each in (_WORD, _RANGE, _NODE))
        for cells in plain
    )
    return _COLUMNS - 1 if is_conllu else None


def named_entity(misc: str) -> str:
    """The tag in a cell of MISC (``NER=B-PER``); empty where there is none."""
    found = _ENTITY.search(misc)
    return found[1] if found else ""


def read_surface(
    rows: Sequence[Sequence[str]], given: str, *, word: int, misc: int
) -> Surface | None:
    """The text of a sentence; None where its lines are not numbered words.

    Args:
        rows: cells of its lines, ranges and empty nodes among them.
        given: its ``# text``; empty where there is none.
        word: the column of the words.
        misc: the column of ``SpaceAfter=No``.
    """
    forms: list[tuple[str, int, bool]] = []  # form, its words, a space follows
    last = 0
    for cells in rows:
        if len(cells) <= word or _NODE.fullmatch(cells[0]):
            continue
        spaced = len(cells) <= misc or not _NO_SPACE.search(cells[misc])
        if found := _RANGE.fullmatch(cells[0]):
            forms.append((cells[word], 0, spaced))
            last = int(found[2])
        elif not _WORD.fullmatch(cells[0]):
            return None
        elif forms and int(cells[0]) <= last:
            form, words, space = forms[-1]
            forms[-1] = (form, words + 1, space)
        else:
            forms.append((cells[word], 1, spaced))
    places = _located([form for form, _, _ in forms], given)
    text = given
    if places is None:
        text, places = _joined([(form, space) for form, _, space in forms])
    offsets = [
        place for place, (_, words, _) in zip(places, forms, strict=True) for _ in range(words)
    ]
    return Surface(text, offsets)


def _located(forms: Sequence[str], text: str) -> list[tuple[int, int]] | None:
    """Where the forms lie in a text; None where they are not its words in order."""
    places, at = [], 0
    for form in forms:
        start = text.find(form, at)
        if not form or start < 0 or text[at:start].strip():
            return None
        at = start + len(form)
        places.append((start, at))
    return places if not text[at:].strip() else None


def _joined(forms: Sequence[tuple[str, bool]]) -> tuple[str, list[tuple[int, int]]]:
    text, places = "", []
    for form, spaced in forms:
        places.append((len(text), len(text) + len(form)))
        text += form + " " * spaced
    return text.rstrip(), places
