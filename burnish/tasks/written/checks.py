"""What is checked of sources and targets: that each target was written for its source."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import numpy as np

from burnish.data.checks.damage import find_damage_in
from burnish.data.checks.finding import Finding, found_at
from burnish.data.checks.subject import Entry, Subject
from burnish.data.content import content_key, folded
from burnish.tasks.checks import Lack, TaskChecks
from burnish.tasks.written.example import WrittenExample

__all__ = ["Pair", "pairs_of", "written_checks"]

Pair = tuple[Entry, WrittenExample]
"""A row with its place, and its two texts."""
OwnCheck = Callable[[Subject], Iterator[Finding]]

_ENOUGH = 20
"""Rows from which a usual ratio of lengths is looked for."""
_FAR = 5.0
"""Standard deviations, by the median absolute deviation, beyond which a ratio is odd."""
_LEAST_FACTOR = 2.0
"""A ratio that differs from the usual one by less is never odd, however alike the others are."""
_SLACK = 10
"""Characters added to both lengths: the ratio of two short texts says little."""
_NORMAL = 1.4826
"""Standard deviations in one median absolute deviation of a normal distribution."""


def pairs_of(subject: Subject) -> list[Pair]:
    """The rows of all parts."""
    found = ((entry, entry.example) for entry in subject.entries)
    return [(entry, each) for entry, each in found if isinstance(each, WrittenExample)]


def written_checks(
    *, noun: tuple[str, str], more: str, own: tuple[OwnCheck, ...] = ()
) -> TaskChecks:
    """The checks of a task whose answers are written.

    Args:
        noun: what a target is, in the singular and the plural.
        more: what to do where rows are too few, in words.
        own: checks that only this task has.
    """
    one, several = noun
    return TaskChecks(
        nothing_to_learn=_nothing_to_learn,
        few_rows=lambda _: more,
        unanswered=(f"row has no {one}", f"rows have no {one}"),
        conflict_kind="conflicting-answers",
        conflict=f"# [source has|sources have] different {several} in different rows",
        own=(_find_copies, _find_odd_lengths, *own, _find_damaged_targets, _find_leaked_targets),
    )


def _nothing_to_learn(subject: Subject) -> Lack | None:
    train = [each for entry, each in pairs_of(subject) if entry.part == "train"]
    if all(folded(each.source) == folded(each.target) for each in train):
        return Lack("every target is its source", "check which columns hold source and target")
    if len(train) > 1 and len({folded(each.target) for each in train}) == 1:
        return Lack("all rows have the same target", "add rows with other targets")
    return None


def _find_copies(subject: Subject) -> Iterator[Finding]:
    """Targets that are the source itself; numbers and other texts without letters may be."""
    yield from found_at(
        [
            entry.place
            for entry, each in pairs_of(subject)
            if any(map(str.isalpha, each.source)) and folded(each.source) == folded(each.target)
        ],
        kind="copied-source",
        severity="warning",
        message="# [target is|targets are] the source itself (case and space folded)",
        fix="write the right ones, or remove the rows: a model learns from them to copy",
    )


def _find_odd_lengths(subject: Subject) -> Iterator[Finding]:
    """Targets that are far longer or shorter for their source than the other targets are."""
    pairs = pairs_of(subject)
    if len(pairs) < _ENOUGH:
        return
    ratios = np.array(
        [math.log((len(each.target) + _SLACK) / (len(each.source) + _SLACK)) for _, each in pairs]
    )
    usual = np.median(ratios)
    spread = _NORMAL * np.median(np.abs(ratios - usual))
    odd = np.abs(ratios - usual) > max(_FAR * spread, math.log(_LEAST_FACTOR))
    yield from found_at(
        [
            entry.place.with_detail(
                f"{len(each.target):,} characters for {len(each.source):,} of the source"
            )
            for (entry, each), is_odd in zip(pairs, odd, strict=True)
            if is_odd
        ],
        kind="length-ratio",
        severity="warning",
        message="# [target is|targets are] far longer or shorter than usual for [its source|"
        f"their sources] (usually {math.exp(usual):.2g} times as long)",
        fix="check whether source and target belong together, and whether one was cut off",
    )


def _find_damaged_targets(subject: Subject) -> Iterator[Finding]:
    """What a model would learn to write; the check of all rows reads the sources."""
    yield from find_damage_in([(entry, "target", each.target) for entry, each in pairs_of(subject)])


def _find_leaked_targets(subject: Subject) -> Iterator[Finding]:
    """Rows of validation or test with the target of an earlier part's row, for another source.

    Rows whose source is in that part too are leaks already (`burnish.data.checks.leaks`).
    """
    sources: dict[str, str] = {}
    targets: dict[str, Entry] = {}
    places = []
    for entry, each in pairs_of(subject):
        same_source = sources.setdefault(content_key(each), entry.part)
        known = targets.setdefault(folded(each.target), entry)
        if known.part != entry.part and same_source == entry.part:
            detail = f"the target of {known.example.id} in {known.part}"
            places.append(entry.place.with_detail(detail))
    yield from found_at(
        places,
        kind="leaked-target",
        severity="warning",
        message="# [row of one part has|rows of one part have] a target of another part (case and "
        "space folded)",
        fix="remove them from one of the two, or let a share be cut, which keeps equal targets "
        "together: a model may have learned it by heart",
    )
