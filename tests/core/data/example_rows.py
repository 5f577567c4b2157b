"""Rows built in code, for the tests of splitting and checking."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from burnish.data import (
    ClassificationExample,
    Example,
    ExtractionExample,
    GoldAnswer,
    QAExample,
    Rows,
    SourceFile,
    Span,
)

__all__ = ["entities", "labelled", "questions", "rows_of"]


def rows_of(
    task: str, examples: Iterable[Example], *, name: str = "rows.jsonl", multi_label: bool = False
) -> Rows:
    """Rows as a reader gives them."""
    rows = tuple(examples)
    file = SourceFile(path=Path(name), sha256="0" * 64, rows=len(rows))
    return Rows(task=task, examples=rows, multi_label=multi_label, files=(file,))


def labelled(
    labels: Iterable[str | Sequence[str]],
    *,
    groups: Sequence[str] | None = None,
    name: str = "rows.jsonl",
) -> Rows:
    """Classification rows, each of another text; one string is one label."""
    several = False
    examples = []
    for index, label in enumerate(labels):
        several = several or not isinstance(label, str)
        names = (label,) if isinstance(label, str) else tuple(label)
        group = groups[index] if groups else None
        row_id = f"{name}:{index + 1}"
        text = f"text {index} of {name}"
        examples.append(ClassificationExample(id=row_id, group=group, text=text, labels=names))
    return rows_of("classification", examples, name=name, multi_label=several)


def entities(labels: Iterable[Sequence[str]]) -> Rows:
    """Extraction rows with one entity of one letter a label."""
    examples = []
    for index, names in enumerate(labels):
        spans = tuple(Span(at, at + 1, label) for at, label in enumerate(names))
        text = f"abcdefgh {index}"
        examples.append(ExtractionExample(id=f"rows.jsonl:{index + 1}", text=text, entities=spans))
    return rows_of("extraction", examples)


def questions(answerable: Iterable[Sequence[bool]]) -> Rows:
    """Question rows: one context an item, one question a flag."""
    examples: list[QAExample] = []
    for index, flags in enumerate(answerable):
        for number, flag in enumerate(flags):
            context = f"context {index}"
            examples.append(
                QAExample(
                    id=f"rows.jsonl:{len(examples) + 1}",
                    context=context,
                    question=f"question {number}",
                    answers=(GoldAnswer("context", 0),) if flag else (),
                )
            )
    return rows_of("qa", examples)
