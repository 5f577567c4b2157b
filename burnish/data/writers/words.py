"""Words: where a text is cut for the forms that have a line per token."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import regex

from burnish.data.writers.rows import NotedRow, refused
from burnish.tasks.marks import SpanMark

__all__ = ["Word", "cut_words", "every_word"]

_WORD = regex.compile(
    r"\w[\w\u200d]*(?:[-'\u2019.@/:]\w+)*"
    r"|\p{RI}{2}"
    r"|[^\w\s](?:[\p{M}\U0001F3FB-\U0001F3FF\u200d]|(?<=\u200d)[^\w\s])*"
)
"""Letters with what joins them, a flag, or one other character with what belongs to it."""


@dataclass(frozen=True, slots=True)
class Word:
    """A stretch of a text without white space; offsets in code points."""

    start: int
    end: int


def cut_words(row: NotedRow) -> list[Word]:
    """The words and punctuation of a row. Each span begins and ends with one.

    Raises:
        DataError: there is none, or a span begins or ends with white space.
    """
    for span in row.marks.spans:
        if _is_padded(row.text, span):
            raise refused(
                row,
                f"the entity {span.start}-{span.end} {span.label!r} begins or ends with white "
                "space, where a form with a line per token has no token",
                "trim it: burnish check --fix does",
            )
    words = every_word(row)
    if not words:
        raise refused(row, "the text has no words", "leave the row out")
    return words


def every_word(row: NotedRow) -> list[Word]:
    """The words and punctuation of a row, cut where a span begins or ends."""
    edges = sorted({at for span in row.marks.spans for at in (span.start, span.end)})
    return [
        Word(start, end)
        for found in _WORD.finditer(row.text)
        for start, end in _divided(found.start(), found.end(), edges)
    ]


def _is_padded(text: str, span: SpanMark) -> bool:
    return text[span.start].isspace() or text[span.end - 1].isspace()


def _divided(start: int, end: int, edges: Sequence[int]) -> list[tuple[int, int]]:
    cuts = [start, *(at for at in edges if start < at < end), end]
    return list(itertools.pairwise(cuts))
