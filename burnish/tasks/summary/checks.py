"""What is checked of summaries: that there is something to choose, and that they say it shorter."""

from __future__ import annotations

from collections.abc import Iterator

from burnish.data.checks.finding import Finding, found_at
from burnish.data.checks.subject import Subject
from burnish.data.content import folded
from burnish.tasks.checks import Lack, TaskChecks
from burnish.tasks.summary.example import SummaryExample

__all__ = ["CHECKS"]


def _nothing_to_learn(subject: Subject) -> Lack | None:
    documents = [e.example for e in subject.of_part("train")]
    if any(isinstance(each, SummaryExample) and _chooses(each) for each in documents):
        return None
    return Lack(
        "every document's summary is the whole document, so nothing can be chosen",
        "add documents of several sentences with shorter summaries",
    )


def _chooses(example: SummaryExample) -> bool:
    """Whether some of the document is not a key sentence."""
    return sum(end - start for start, end in example.key) < len(example.text.strip())


def _find_copies(subject: Subject) -> Iterator[Finding]:
    """Summaries that are not shorter than their documents."""
    yield from found_at(
        [
            entry.place
            for entry in subject.entries
            if isinstance(entry.example, SummaryExample)
            and len(entry.example.summary) >= len(entry.example.text.strip())
        ],
        kind="long-summary",
        severity="note",
        message="# [summary is|summaries are] as long as the document, or longer",
        fix="check whether the columns are the right ones; remove rows that summarize nothing",
    )


def _find_foreign(subject: Subject) -> Iterator[Finding]:
    """Summaries that share no word with their documents."""
    yield from found_at(
        [
            entry.place
            for entry in subject.entries
            if isinstance(entry.example, SummaryExample)
            and not set(folded(entry.example.summary).split())
            & set(folded(entry.example.text).split())
        ],
        kind="foreign-summary",
        severity="warning",
        message="# [summary shares|summaries share] no word with [its document|their documents]",
        fix="check whether they belong together; no sentence of the document can be learned from",
    )


def _more(_: Subject) -> str:
    return "summarize more documents, or mark the key sentences of more"


CHECKS = TaskChecks(
    nothing_to_learn=_nothing_to_learn,
    few_rows=_more,
    conflict="# [document has|documents have] different summaries in different rows",
    own=(_find_copies, _find_foreign),
)
