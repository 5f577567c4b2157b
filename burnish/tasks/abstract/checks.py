"""What is checked of abstracts: that they are shorter than their documents."""

from __future__ import annotations

from collections.abc import Iterator

from burnish.data.checks.finding import Finding, found_at
from burnish.data.checks.subject import Subject
from burnish.data.content import folded
from burnish.tasks.written.checks import pairs_of, written_checks

__all__ = ["CHECKS"]


def _find_long(subject: Subject) -> Iterator[Finding]:
    """Abstracts that are not shorter than their documents, copies left out."""
    yield from found_at(
        [
            entry.place
            for entry, each in pairs_of(subject)
            if len(each.target) >= len(each.source) and folded(each.target) != folded(each.source)
        ],
        kind="long-summary",
        severity="note",
        message="# [abstract is|abstracts are] as long as the document, or longer",
        fix="check whether the columns are the right ones; remove rows that summarize nothing",
    )


CHECKS = written_checks(
    noun=("abstract", "abstracts"),
    more="summarize more documents, or start from a base that has learned to",
    own=(_find_long,),
)
