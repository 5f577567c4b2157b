"""Quantity: whether there are rows enough for fine-tuning, and what to do where there are not."""

from __future__ import annotations

from collections.abc import Iterator

from burnish.data.checks.finding import Finding
from burnish.data.checks.of_task import checks_of, counted_noun, has_one_label
from burnish.data.checks.subject import Subject
from burnish.plural import plural

__all__ = ["find_little_data"]

_TENS = 100
_TWO_CLASSES = 300


def find_little_data(subject: Subject) -> Iterator[Finding]:
    """Tens of rows in all, fewer than 300 a class where there are two, and starved labels."""
    first = tuple(entry.place for entry in subject.of_part("train"))[:1]
    message = _too_few(subject)
    if message:
        yield Finding(
            kind="little-data",
            severity="warning",
            message=message,
            fix=checks_of(subject).few_rows(subject),
            rows=first,
        )
        return
    labels = checks_of(subject).labels
    if labels is None:
        return
    starved = {name: n for name, n in subject.rows_of_labels.items() if 1 < n < labels.fewest}
    if starved:
        named = ", ".join(f"{name} ({n})" for name, n in starved.items())
        yield Finding(
            kind="starved-label",
            severity="note",
            message=plural(len(starved), "# [label has|labels have] ")
            + f"fewer than {labels.fewest} {counted_noun(subject)}: {named}",
            fix="label more of them first",
            rows=first,
        )


def _too_few(subject: Subject) -> str:
    rows = len(subject.train)
    if rows < _TENS:
        return plural(rows, "# [row is|rows are] too few to fine-tune a model well")
    labels = subject.labels
    if has_one_label(subject) and len(labels) == 2 and min(labels.values()) < _TWO_CLASSES:
        name = list(labels)[-1]
        few = plural(labels[name], "only # [row|rows]")
        return f"with two classes, {name!r} has {few}, too few to fine-tune a model well"
    return ""
