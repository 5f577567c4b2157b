"""Findings: what a check has to say of rows, each of a kind from a closed list."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

from burnish.plural import plural

__all__ = ["KINDS", "Finding", "Kind", "Place", "Severity", "found_at"]

Severity = Literal["error", "warning", "note"]
"""error: training would refuse the rows, or the model would be useless; warning: fix it, or know
why not; note: worth a look."""

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
    "conflicting-scores",
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
    "bare-branch",
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
    "unknown-language",
    "unknown-tokens",
    # entities and answers
    "span-whitespace",
    "cut-word",
    "mention-labelled-differently",
    "answer-length",
    # scores
    "few-scores",
    "score-outlier",
    "skewed-scores",
    # summaries
    "long-summary",
    "foreign-summary",
    # texts that were written for others
    "copied-source",
    "length-ratio",
    "wrong-language",
    "leaked-target",
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
        return replace(self, detail=": ".join(filter(None, (self.detail, detail))))

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
    """Every row that it is about, in the files' order; only examples where the finding is about a
    label as a whole."""


def found_at(
    places: Sequence[Place], *, kind: Kind, severity: Severity, message: str, fix: str
) -> Iterator[Finding]:
    """The finding about these rows; nothing where there are none.

    Args:
        places: the rows.
        kind: of the finding.
        severity: of the finding.
        message: ``#`` stands for the number of rows (burnish/plural.py).
        fix: what to do about it.
    """
    if places:
        text = plural(len(places), message)
        yield Finding(kind=kind, severity=severity, message=text, fix=fix, rows=tuple(places))
