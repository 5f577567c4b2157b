"""Answers of more tokens than a model may give, of a task whose answers have such a limit."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from burnish.data.checks.finding import Finding
from burnish.data.checks.of_task import checks_of
from burnish.data.checks.subject import Subject

__all__ = ["find_long_answers"]


def find_long_answers(
    subject: Subject, tokenizer_json: Path, *, limit: int | None = None
) -> Iterator[Finding]:
    """Count the answers that are longer than the limit.

    Args:
        subject: rows of any task.
        tokenizer_json: of the base model.
        limit: tokens of the longest answer that may be given; None: as the training rows need.
    """
    find = checks_of(subject).long_answers
    return iter(()) if find is None else find(subject, tokenizer_json, limit)
