"""What is checked of translations besides their lengths: that each side is in its own language."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence

import regex

from burnish.data.checks.finding import Finding, found_at
from burnish.data.checks.subject import Subject
from burnish.data.checks.wording import find_unlike
from burnish.data.content import folded
from burnish.tasks.written.checks import pairs_of, written_checks

__all__ = ["CHECKS", "SideLanguages"]

_BETWEEN = regex.compile(r"[^\p{L}\p{M}]+")
_RUN = 3
_FEWEST_RUNS = 20
"""Of characters: a shorter text may be in any language."""
_MARGIN = 0.5
"""Nats per run of characters by which a text must be likelier in the other side's language."""
_SHARE = 0.75
"""The share of its runs that must be so: names in Latin letters make no Chinese text English.

In translation memories of TICO-19, 3 % of whose targets were replaced by other sources, 94 to 100
of 100 are found (English to Kanuri, Swahili, Tigrinya, Chinese; Amharic to Oromo), and 61 in
Spanish, which is nearer to English. Of 18,000 others three are told, which quote English."""


class SideLanguages:
    """Tells the languages of two sets of texts apart by runs of three characters.

    Naive Bayes over the runs by which Cavnar & Trenkle (1994) tell languages. It learns from the
    rows themselves, so that no list of languages has to know theirs.
    """

    def __init__(self, sources: Sequence[str], targets: Sequence[str]) -> None:
        self._counts = tuple(_count(each) for each in (sources, targets))
        self._known = len(self._counts[0] | self._counts[1]) + 1

    def is_misplaced(self, text: str, *, side: int) -> bool:
        """Whether a text is far more like the other side's texts than like its own side's.

        Args:
            text: one of the texts; its own share of its side is left out. A short one never is.
            side: 0 for a source, 1 for a target.
        """
        runs = _count([text])
        size = runs.total()
        if size < _FEWEST_RUNS:
            return False
        own, other = self._counts[side], self._counts[1 - side]
        base = math.log((own.total() - size + self._known) / (other.total() + self._known))
        leans = {
            run: base + math.log((other[run] + 1) / (max(own[run] - count, 0) + 1))
            for run, count in runs.items()
        }
        total = sum(leans[run] * count for run, count in runs.items())
        others = sum(count for run, count in runs.items() if leans[run] > 0)
        return total > _MARGIN * size and others >= _SHARE * size


def _count(texts: Sequence[str]) -> Counter[str]:
    found: Counter[str] = Counter()
    for text in texts:
        plain = f" {_BETWEEN.sub(' ', text.casefold()).strip()} "
        found.update(plain[start : start + _RUN] for start in range(len(plain) - _RUN + 1))
    return found


_SIDES = ((1, "[target is|targets are]", "sources"), (0, "[source is|sources are]", "targets"))


def _find_wrong_sides(subject: Subject) -> Iterator[Finding]:
    """Targets in the language of the sources, and sources in that of the targets."""
    pairs = [(entry, e) for entry, e in pairs_of(subject) if folded(e.source) != folded(e.target)]
    sides = [each.source for _, each in pairs], [each.target for _, each in pairs]
    languages = SideLanguages(*sides)
    for side, noun, others in _SIDES:
        yield from found_at(
            [
                entry.place
                for (entry, _), text in zip(pairs, sides[side], strict=True)
                if languages.is_misplaced(text, side=side)
            ],
            kind="wrong-language",
            severity="warning",
            message=f"# {noun} in the language of the {others}, by [its|their] characters",
            fix="translate them, or remove the rows; if many are, the columns may be interchanged",
        )


def _find_unlike_targets(subject: Subject) -> Iterator[Finding]:
    """Targets in a third language or another script; the check of all rows reads the sources."""
    yield from find_unlike(
        [(entry, "target", each.target) for entry, each in pairs_of(subject)],
        noun="[target is|targets are]",
    )


CHECKS = written_checks(
    noun=("translation", "translations"),
    more="translate more texts, or start from a base that knows both languages",
    own=(_find_wrong_sides, _find_unlike_targets),
)
