"""Content of examples: what they say whatever their place, for duplicates, groups and strata."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from burnish.tasks.examples import Example

__all__ = ["content_digest", "content_key", "folded"]


def content_key(example: Example) -> str:
    """Equal for rows whose inputs differ at most in letter case and white space."""
    return folded(example.input_text)


def content_digest(examples: Iterable[Example]) -> str:
    """SHA-256 over the sorted digests of the rows, 64 hex digits: the rows in any order."""
    digests = sorted(example.digest for example in examples)
    return hashlib.sha256("\n".join(digests).encode("ascii")).hexdigest()


def folded(text: str) -> str:
    """Letter case and white space evened out."""
    return " ".join(text.casefold().split())
