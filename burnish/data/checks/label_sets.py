"""Sets of labels that cannot be true together, where a row may have several."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import combinations

from burnish.data.checks.finding import Finding, found_at
from burnish.data.checks.spelling import label_form
from burnish.data.checks.subject import Subject
from burnish.tasks.examples import Example

__all__ = ["find_contradictions"]

_NOTHING = {"none", "nothing", "no label", "no labels", "n/a", "none of the above", "no topic"}
_OPPOSITES = {frozenset(pair) for pair in (
    ("positive", "negative"), ("pro", "con"), ("yes", "no"), ("true", "false"),
    ("relevant", "irrelevant"), ("urgent", "not urgent"), ("spam", "ham"),
)}  # fmt: skip
_NEGATION = re.compile(r"(?:not?|non|without)\s+(.+)")
_ALONE_ROWS, _ALONE_SHARE, _SEVERAL_SHARE = 100, 0.99, 0.2


def find_contradictions(subject: Subject) -> Iterator[Finding]:
    """Rows with "none" and another label, with X and "not X", or with a loner and another label.

    A loner is the only label in 99 of its 100 rows, in data where rows often have several labels.
    """
    if not subject.train.multi_label:
        return
    loners = _loners([e.example for e in subject.entries])
    places = []
    for entry in subject.entries:
        pairs = combinations(entry.example.class_names, 2)
        pair = next((each for each in pairs if _contradict(*each, loners)), None)
        if pair is not None:
            places.append(entry.place.with_detail(f"{pair[0]!r} and {pair[1]!r}"))
    yield from found_at(
        places,
        kind="contradictory-labels",
        severity="warning",
        message="# [row has|rows have] labels that contradict each other",
        fix="remove one of the two",
    )


def _contradict(one: str, other: str, loners: set[str]) -> bool:
    a, b = label_form(one), label_form(other)
    if _NOTHING & {a, b} or frozenset((a, b)) in _OPPOSITES or loners & {one, other}:
        return True
    negated = [match[1] for match in map(_NEGATION.fullmatch, (a, b)) if match]
    return bool(set(negated) & {a, b})


def _loners(examples: Sequence[Example]) -> set[str]:
    rows = [example.class_names for example in examples]
    several = sum(len(labels) > 1 for labels in rows)
    if several < _SEVERAL_SHARE * len(rows):
        return set()
    total = Counter(label for labels in rows for label in labels)
    alone = Counter(labels[0] for labels in rows if len(labels) == 1)
    return {
        name
        for name, count in total.items()
        if count >= _ALONE_ROWS and alone[name] >= _ALONE_SHARE * count
    }
