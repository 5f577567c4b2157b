"""Findings: what a check has to say of rows, each of a kind from a closed list."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, get_args

__all__ = ["KINDS", "Finding", "Kind", "Place", "Severity"]

Severity = Literal["error", "warning", "note"]
"""error: training would refuse, or a model trained on these rows is no use; warning: fix it, or
know why not; note: worth a look."""

Kind = Literal[
    # what cannot be read
    "unreadable",
    "blank-line",
    "left-out",
    "unused-columns",
    "empty-text",
    "no-label",
    "printed-label",
    "paths-as-texts",
    "span-outside-text",
    "entity-text-mismatch",
    "overlapping-entities",
    "answer-not-at-offset",
    "shifted-offsets",
    # rows against each other
    "duplicate",
    "near-duplicate",
    "conflicting-labels",
    "conflicting-answers",
    "leak",
    "near-leak",
    "shared-group",
    "uneven-share",
    # labels
    "no-validation",
    "nothing-to-learn",
    "constant-label",
    "imbalance",
    "single-row-label",
    "unseen-label",
    "missing-label",
    "mixed-forms",
    "doubtful-label",
    "quoted-label",
    "labels-alike",
    "mistyped-label",
    "contradictory-labels",
    "little-data",
    "starved-label",
    "likely-label-error",
    # texts
    "mojibake",
    "replacement-character",
    "control-character",
    "markup",
    "ocr-noise",
    "short-text",
    "other-language",
    "unknown-tokens",
    # entities and answers
    "span-whitespace",
    "cut-word",
    "mention-labelled-differently",
    "answer-length",
]

KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A row that a finding is about."""

    file: str
    """Path, as it was given."""
    line: int | None
    """The line at which the row begins, or its number in formats without lines, from 1."""
    id: str
    """The row's id, ``file name:position``."""
    detail: str = ""
    """What of the row: an offset, another row, a label; never more of its text than needed."""

    def with_detail(self, detail: str) -> Place:
        """The same row, with what is to be said of it."""
        return replace(self, detail=detail)

    def __str__(self) -> str:
        return f"{self.id} ({self.detail})" if self.detail else self.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that a person should look at."""

    kind: Kind
    severity: Severity
    message: str
    """What it is, with its count."""
    fix: str
    """What to do about it."""
    rows: tuple[Place, ...] = ()
    """Every row that it is about, in the files' order; examples of them where a label as a whole
    is meant."""
