"""Slices: rows that have something in common, scored on their own."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from burnish.analysis.findings import Slice
from burnish.tasks import Task
from burnish.tasks.classification.example import ClassificationExample
from burnish.tasks.evaluation import evaluate
from burnish.tasks.extraction.example import ExtractionExample
from burnish.tasks.qa.example import QAExample

__all__ = ["score_slices"]

_FEWEST = 20
"""Rows from which a slice is scored: fewer say little, and there are many of them."""
_RESAMPLES = 200
_QUESTION_WORDS = (
    *("who", "what", "when", "where", "which", "why", "how"),
    *("wer", "was", "wann", "wo", "welche", "warum", "wie"),
)


def score_slices(
    task: Task, examples: Sequence[Any], predictions: Sequence[Any], *, columns: Sequence[str] = ()
) -> tuple[Slice, ...]:
    """The slices with enough rows, worst first.

    By length of the text in words (quarters), by true label, by group where there are groups, by
    the columns of subgroups, and for questions by their first question word.
    """
    members: dict[tuple[str, str], list[int]] = defaultdict(list)
    quarters = _quarters([len(_text(example).split()) for example in examples])
    for index, example in enumerate(examples):
        for key in (("length", quarters[index]), *_keys(example, columns)):
            members[key].append(index)
    slices = [
        _score(task, key, [examples[i] for i in rows], [predictions[i] for i in rows])
        for key, rows in members.items()
        if len(rows) >= _FEWEST
    ]
    return tuple(sorted(slices, key=lambda each: (each.score, each.by, each.name)))


def _score(task: Task, key: tuple[str, str], examples: list[Any], predictions: list[Any]) -> Slice:
    found = evaluate(task, examples, predictions, resamples=_RESAMPLES)
    interval = found.metrics[task.main_metric]
    return Slice(*key, len(examples), interval.value, interval.low, interval.high)


def _keys(example: Any, columns: Sequence[str]) -> Iterator[tuple[str, str]]:
    yield from zip(columns, example.subgroups, strict=True)
    if example.group is not None:
        yield "group", example.group
    if isinstance(example, ClassificationExample):
        yield from (("label", label) for label in example.labels)
    elif isinstance(example, ExtractionExample):
        yield from (("label", label) for label in {e.label for e in example.entities})
    elif isinstance(example, QAExample):
        words = example.question.casefold().split()
        yield "question word", next((w for w in words if w in _QUESTION_WORDS), "other")
        yield "answer", "in the context" if example.answers else "none"


def _text(example: Any) -> str:
    return str(example.context if isinstance(example, QAExample) else example.text)


def _quarters(lengths: Sequence[int]) -> list[str]:
    """The name of each row's quarter of the lengths."""
    bounds = [int(bound) for bound in np.quantile(lengths, (0.25, 0.5, 0.75), method="lower")]
    edges = sorted({0, *(bound + 1 for bound in bounds), max(lengths) + 1})
    names = [f"{low} to {high - 1} words" for low, high in itertools.pairwise(edges)]
    return [names[int(np.searchsorted(edges, length, side="right")) - 1] for length in lengths]
