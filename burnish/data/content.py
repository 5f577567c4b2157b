"""Content of examples: what they say whatever their place, for duplicates, groups and strata."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from burnish.data.examples import ClassificationExample, Example, ExtractionExample

__all__ = ["class_names", "content_digest", "content_key", "folded", "input_text"]


def input_text(example: Example) -> str:
    """The text that a model reads; a question stands before its context."""
    if isinstance(example, ClassificationExample | ExtractionExample):
        return example.text
    return f"{example.question}\n{example.context}"


def content_key(example: Example) -> str:
    """Equal for rows whose inputs differ at most in letter case and white space."""
    return folded(input_text(example))


def class_names(example: Example) -> tuple[str, ...]:
    """What a split keeps in proportion; ``()`` for a row that has none of it.

    The row's labels, its entity types, or whether it has an answer.
    """
    if isinstance(example, ClassificationExample):
        return example.labels
    if isinstance(example, ExtractionExample):
        return tuple(sorted({span.label for span in example.entities}))
    return ("answerable" if example.answers else "not answerable",)


def content_digest(examples: Iterable[Example]) -> str:
    """SHA-256 over the sorted digests of the rows, 64 hex digits: the rows in any order."""
    digests = sorted(example.digest for example in examples)
    return hashlib.sha256("\n".join(digests).encode("ascii")).hexdigest()


def folded(text: str) -> str:
    """Letter case and white space evened out."""
    return " ".join(text.casefold().split())
