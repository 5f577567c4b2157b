"""Counterfactual texts: every term of an axis replaced by its counterpart in another group.

After Garg et al. 2019, "Counterfactual Fairness in Text Classification through Robustness", with
all terms of an axis swapped at once, so that a text stays consistent.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from burnish.evidence.bias.terms import Terms

__all__ = ["Counterfactual", "Swapper"]


@dataclass(frozen=True, slots=True)
class Counterfactual:
    """A text that differs from another only in the terms of one axis."""

    axis: str
    text: str
    changes: tuple[tuple[int, int, str], ...]
    """Start and end in the first text, and the new words."""

    def moved(self, start: int, end: int) -> tuple[int, int]:
        """The place in this text of a stretch of the first text."""
        return self._place(start, at_end=False), self._place(end, at_end=True)

    def _place(self, offset: int, *, at_end: bool) -> int:
        shift = 0
        for begin, end, new in self.changes:
            if end <= offset and not (end == offset and begin == end):
                shift += len(new) - (end - begin)
            elif begin < offset < end:  # inside a term: its nearer end
                return begin + shift + (len(new) if at_end else 0)
        return offset + shift


class Swapper:
    """Finds the terms of one language and makes counterfactuals."""

    def __init__(self, terms: Terms) -> None:
        self._axes = {
            axis: _Axis(terms.terms.get(axis, ()), terms.names.get(axis, {}))
            for axis in sorted({*terms.terms, *terms.names})
        }

    @property
    def axes(self) -> tuple[str, ...]:
        """The names of the axes."""
        return tuple(self._axes)

    def counterfactuals(self, text: str) -> Iterator[Counterfactual]:
        """One per axis that the text has a term of, and per other group."""
        for name, axis in self._axes.items():
            for changes in axis.swaps(text):
                yield Counterfactual(name, _changed(text, changes), changes)


Change = tuple[int, int, str]


class _Axis:
    def __init__(
        self, rows: tuple[tuple[str, ...], ...], names: Mapping[str, tuple[str, ...]]
    ) -> None:
        self._others: dict[str, tuple[str, ...]] = {}
        for row in rows:
            for term in row:
                others = tuple(other for other in row if other != term)
                # A term of several rows ("frau") takes its first counterpart.
                self._others.setdefault(term.lower(), others)
        self._groups: dict[str, list[str]] = {}
        self._names = names
        for group, members in names.items():
            for member in members:
                self._groups.setdefault(member, []).append(group)
        words = sorted({*self._others, *self._groups}, key=len, reverse=True)
        pattern = "|".join(map(re.escape, words))
        self._pattern = re.compile(rf"\b(?:{pattern})\b", re.IGNORECASE) if words else None

    def swaps(self, text: str) -> Iterator[tuple[Change, ...]]:
        """The changes of each counterfactual; at most two, for the first two other groups."""
        found = list(self._pattern.finditer(text)) if self._pattern else []
        seen = set()
        for turn in range(2):
            changes = tuple(
                (match.start(), match.end(), _in_case(new, match[0]))
                for match in found
                if (new := self._counterpart(match[0], turn)) is not None
            )
            if changes and changes not in seen:
                seen.add(changes)
                yield changes

    def _counterpart(self, word: str, turn: int) -> str | None:
        if word in self._groups:
            mine = self._groups[word]
            others = [group for group in self._names if group not in mine]
            if not others:
                return None
            names = self._names[others[turn % len(others)]]
            return names[zlib.crc32(word.encode()) % len(names)]
        others_of = self._others.get(word.lower())
        return others_of[turn % len(others_of)] if others_of else None


def _in_case(new: str, old: str) -> str:
    if old.isupper() and len(old) > 1:
        return new.upper()
    return new[:1].upper() + new[1:] if old[:1].isupper() else new


def _changed(text: str, changes: tuple[Change, ...]) -> str:
    parts, at = [], 0
    for start, end, new in changes:
        parts += [text[at:start], new]
        at = end
    return "".join([*parts, text[at:]])
