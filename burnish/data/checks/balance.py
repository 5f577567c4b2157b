"""Balance: how many rows each label has, in all and in each part."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from burnish.data.checks.finding import Finding, Place
from burnish.data.checks.of_task import checks_of, counted_noun
from burnish.data.checks.spelling import label_form
from burnish.data.checks.subject import Subject, count_labels
from burnish.plural import plural
from burnish.tasks.table import find_task

__all__ = ["find_imbalance", "find_nothing_to_learn", "find_rare_labels", "find_unshared_labels"]

_IMBALANCE = 20
_SHOWN = 3
_EXAMPLES = 20


def find_nothing_to_learn(subject: Subject) -> Iterator[Finding]:
    """One label in all rows, or no entity, or no answer."""
    lack = checks_of(subject).nothing_to_learn(subject)
    if lack:
        yield Finding(
            kind="nothing-to-learn",
            severity="error",
            message=lack.message,
            fix=lack.fix,
            rows=tuple(entry.place for entry in subject.of_part("train"))[:1],
        )


def find_constant_labels(subject: Subject) -> Iterator[Finding]:
    """Labels that every training row has, beside others: no row shows when one is not given."""
    rows = len(subject.train)
    if not subject.train.multi_label or len(subject.labels) < 2 or rows < 2:
        return
    constant = [name for name, count in subject.labels.items() if count == rows]
    if constant and len(constant) < len(subject.labels):
        yield Finding(
            kind="constant-label",
            severity="warning",
            message=plural(len(constant), "every row has # [label|labels], so no row shows ")
            + f"when it is not given: {_named(constant)}",
            fix="remove it, or add rows without it",
            rows=_places(subject, constant)[:1],
        )


def find_imbalance(subject: Subject) -> Iterator[Finding]:
    """A label with twenty times the rows of another; not of those that occur once."""
    counts = {label: n for label, n in subject.labels.items() if n > 1}
    labels = checks_of(subject).labels
    if labels is None or len(counts) < 2:
        return
    most, least = next(iter(counts)), list(counts)[-1]
    ratio = counts[most] / counts[least]
    if ratio >= _IMBALANCE:
        yield Finding(
            kind="imbalance",
            severity="note",
            message=f"{most!r} has {counts[most]:,} {counted_noun(subject)}, {least!r} "
            f"{counts[least]:,}: {ratio:.0f} times as many",
            fix="label more rows of the rare ones, "
            + ("set train.class_weights: balanced, " if labels.weighted else "")
            + "or judge by macro F1",
            rows=_places(subject, [least]),
        )


def find_rare_labels(subject: Subject) -> Iterator[Finding]:
    """Labels that occur once in train."""
    rare = [name for name, n in subject.rows_of_labels.items() if n == 1]
    if rare and checks_of(subject).labels:
        yield Finding(
            kind="single-row-label",
            severity="warning",
            message=plural(
                len(rare),
                "# [label occurs once, so that nothing can be measured on it|labels occur once, "
                "so that nothing can be measured on them]: ",
            )
            + _named(rare),
            fix="add a few rows of each, or merge it with another",
            rows=_places(subject, rare),
        )


def find_unshared_labels(subject: Subject) -> Iterator[Finding]:
    """Labels that train lacks, and labels that validation or test lacks."""
    if checks_of(subject).labels is None:
        return
    for part, rows in subject.parts.items():
        there = count_labels(rows.examples, subject.tree)
        if part == "train":
            continue
        unseen = [name for name in there if name not in subject.labels]
        # With a tree a row may name an inner label, which rows of train lie under: trees.py.
        if unseen and not find_task(subject.train.task).settings.has_tree:
            yield Finding(
                kind="unseen-label",
                severity="error",
                message=f"{part} has labels that no training row has: {_named(unseen)}",
                fix=_unseen_fix(unseen, subject.labels),
                rows=tuple(
                    entry.place
                    for entry in subject.of_part(part)
                    if set(unseen).intersection(entry.example.class_names)
                ),
            )
        missing = [name for name in subject.rows_of_labels if name not in there]
        if missing:
            yield Finding(
                kind="missing-label",
                severity="note",
                message=f"{part} has no row of: {_named(missing)}; nothing can be measured on them",
                fix=f"add a few rows of each to {part}",
                rows=_places(subject, missing),
            )


def _unseen_fix(unseen: list[str], trained: Iterable[str]) -> str:
    forms = {label_form(name): name for name in trained}
    same = [(name, forms[label_form(name)]) for name in unseen if label_form(name) in forms]
    if len(same) == len(unseen):
        pairs = ", ".join(f"{name!r} as {known!r}" for name, known in same[:_SHOWN])
        return f"write each label as the training file does ({pairs}), or the reverse"
    return "add rows with them to the training file, or remove them from this one"


def _places(subject: Subject, labels: Iterable[str]) -> tuple[Place, ...]:
    """The first training rows of the labels."""
    wanted = set(labels)
    found = (
        entry.place.with_detail(", ".join(sorted(wanted.intersection(entry.example.class_names))))
        for entry in subject.of_part("train")
        if wanted.intersection(entry.example.class_names)
    )
    return tuple(islice(found, _EXAMPLES))


def _named(labels: list[str]) -> str:
    return ", ".join(sorted(labels)[:_SHOWN]) + (" …" if len(labels) > _SHOWN else "")
