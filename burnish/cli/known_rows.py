"""Rows that a model can be scored on, and rows whose labels it does not know."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from burnish.calibration.scope import auroc
from burnish.data import Example, Rows
from burnish.errors import DataError
from burnish.plural import plural
from burnish.tasks import Task
from burnish.tasks.answered import Answered
from burnish.tasks.evaluation import label_hint

__all__ = ["SortedRows", "describe_outside", "describe_unknown", "measure_outside", "sort_rows"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SortedRows:
    """The rows of a file, by what a model knows of their labels."""

    known: tuple[Example, ...]
    outside: tuple[Example, ...]
    """Out of scope: they belong under none of the model's labels."""
    unknown: Mapping[str, int]
    """Rows that are not scored, by the label that the model does not know, most first."""
    rows: Rows
    """What the model is asked: the known rows, then those out of scope under a label it knows."""


def sort_rows(task: Task, rows: Rows, *, out_of_scope: str | None) -> SortedRows:
    """Sort rows by what a model knows of their labels.

    Args:
        task: the model's.
        rows: of the same task.
        out_of_scope: the label of rows that belong under none of the model's.

    Raises:
        DataError: the model knows the labels of no row.
    """
    known: list[Example] = []
    outside: list[Example] = []
    unknown: Counter[str] = Counter()
    for example in rows.examples:
        new = task.unknown_labels(example)
        if out_of_scope is not None and example.is_only(out_of_scope):
            outside.append(example)
        elif new:
            unknown.update(new)
        else:
            known.append(example)
    if not known:
        label = next(iter(unknown), out_of_scope or "")
        raise DataError(
            f"{rows.name}: the model knows no label of these rows, for example not {label!r}",
            label_hint(label, task.answer_labels),
        )
    asked = [each.relabelled(task.answer_labels[0]) for each in outside]
    return SortedRows(
        known=tuple(known),
        outside=tuple(outside),
        unknown=dict(sorted(unknown.items(), key=lambda item: (-item[1], item[0]))),
        rows=replace(rows, examples=(*known, *asked)),
    )


def describe_unknown(unknown: Mapping[str, int], known: Sequence[str]) -> list[str]:
    """Two lines about rows that were not scored."""
    named = ", ".join(f"{label} ({count:,})" for label, count in unknown.items())
    first = next(iter(unknown))
    return [
        f"not scored, because the model does not know these labels (rows): {named}",
        f"  {label_hint(first, known)}; with --strict, such a file is refused",
    ]


def measure_outside(inside: Answered, outside: Answered, *, label: str) -> dict[str, Any]:
    """How well the best score tells rows out of scope from the others.

    Returns:
        The document ``out_of_scope``: AUROC, mean scores, and the shares that are answered, not
        marked as abstained.
    """
    scores = {name: _best(each) for name, each in (("in_scope", inside), ("out_of_scope", outside))}
    return {
        "label": label,
        "rows": len(outside.examples),
        "auroc": auroc(scores["in_scope"], scores["out_of_scope"]),
        "mean_score": {name: float(each.mean()) for name, each in scores.items()},
        "coverage": {"in_scope": _coverage(inside), "out_of_scope": _coverage(outside)},
    }


def describe_outside(document: Mapping[str, Any]) -> str:
    """A sentence about rows out of scope."""
    covered = document["coverage"]
    return (
        plural(document["rows"], "out of scope: # [row|rows] of the label ")
        + f"{document['label']!r}; best scores separate them from the others with an AUROC of "
        f"{document['auroc']:.3f}; answered, not abstained: {covered['out_of_scope']:.1%} of them, "
        f"{covered['in_scope']:.1%} of the others"
    )


def _best(answers: Answered) -> np.ndarray[Any, Any]:
    return np.array([max(each.score for each in p.said) for p in answers.predictions])


def _coverage(answers: Answered) -> float:
    """The share of rows whose first score is not marked as abstained."""
    return float(np.mean([not each.said[0].abstained for each in answers.predictions]))
