"""Quantity: whether there are rows enough for fine-tuning, and what to do where there are not."""

from __future__ import annotations

from collections.abc import Iterator

from burnish.data.checks.finding import Finding
from burnish.data.checks.subject import Subject
from burnish.plural import plural

__all__ = ["find_little_data"]

_TENS = 100
_TWO_CLASSES = 300
_STARVED = {"classification": 8, "extraction": 20}
_COUNTED = {"classification": "rows", "extraction": "entities"}
_SUGGEST = "label more: burnish suggest picks the rows that help most"
_LEAST_SURE = "label more: burnish suggest --bundle lists the texts that a model is least sure of"
_FEW_SHOT = f"for so few rows use few-shot tuning (method: setfit) or method: head, and {_SUGGEST}"
_HEAD = f"for so few rows use method: head, which does not change the encoder, and {_SUGGEST}"


def _fix(subject: Subject) -> str:
    """What can be done with so few rows of this task."""
    if subject.task != "classification":
        return _LEAST_SURE
    return _HEAD if subject.train.multi_label else _FEW_SHOT


def find_little_data(subject: Subject) -> Iterator[Finding]:
    """Tens of rows in all, fewer than 300 a class where there are two, and starved labels."""
    first = tuple(entry.place for entry in subject.of_part("train"))[:1]
    message = _too_few(subject)
    if message:
        yield Finding(
            kind="little-data", severity="warning", message=message, fix=_fix(subject), rows=first
        )
        return
    fewest = _STARVED.get(subject.task, 0)
    starved = {name: n for name, n in subject.labels.items() if 1 < n < fewest}
    if starved:
        named = ", ".join(f"{name} ({n})" for name, n in starved.items())
        yield Finding(
            kind="starved-label",
            severity="note",
            message=plural(len(starved), "# [label has|labels have] ")
            + f"fewer than {fewest} {_COUNTED[subject.task]}: {named}",
            fix="label more of them first",
            rows=first,
        )


def _too_few(subject: Subject) -> str:
    rows = len(subject.train)
    if rows < _TENS:
        return plural(rows, "# [row is|rows are] too few to fine-tune a model well")
    labels = subject.labels
    two = subject.task == "classification" and not subject.train.multi_label and len(labels) == 2
    if two and min(labels.values()) < _TWO_CLASSES:
        name = list(labels)[-1]
        few = plural(labels[name], "only # [row|rows]")
        return f"with two classes, {name!r} has {few}, too few to fine-tune a model well"
    return ""
