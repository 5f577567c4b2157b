"""The page: each row with both answers marked in its own text. No scripts; nothing from elsewhere.

Right, missed and predicted stretches differ by colour, by line and by the words after them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import cast

from jinja2 import Environment
from typing_extensions import override

from burnish.batch.rows import AnsweredRow
from burnish.batch.sinks.sink import Sink, Table, cell_text, writable
from burnish.evidence.templates import html_templates
from burnish.tasks.cells import Mark

__all__ = ["PageSink", "Piece", "pieces"]

_NOT_TEXTS = ("row", "gold", "predicted", "score", "abstained", "right", "kind")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a text in which the same marks hold."""

    text: str
    kinds: str
    """``right``, ``missed``, ``predicted``, several of them, or none."""
    ends: tuple[tuple[str, str], ...]
    """Kind and name of each mark that ends here."""


def pieces(text: str, marks: Sequence[Mark]) -> Iterator[Piece]:
    """Cut a text wherever a mark begins or ends.

    Args:
        text: the whole.
        marks: in any order; they may overlap.
    """
    cuts = sorted({0, len(text), *(m.start for m in marks), *(m.end for m in marks)})
    for start, end in pairwise(cuts):
        held = {_kind(mark) for mark in marks if mark.start <= start and end <= mark.end}
        ends = tuple((_kind(mark), mark.name) for mark in marks if mark.end == end)
        yield Piece(text[start:end], " ".join(sorted(held)), ends)


def _kind(mark: Mark) -> str:
    if mark.is_true and mark.is_said:
        return "right"
    return "missed" if mark.is_true else "predicted"


class PageSink(Sink):
    """An HTML page with one article per row, the surest answers first."""

    @override
    def write(self, path: Path, table: Table) -> None:
        rows = sorted(table.rows, key=lambda row: -cast(float, row.fields["score"]))
        page = _environment().get_template("page.html")
        with path.open("w", encoding="utf-8") as stream:
            for part in page.generate(
                rows=[_article(row) for row in rows],
                marked=any(_marks(row) for row in rows),
                wrong=sum(not row.fields["right"] for row in rows),
            ):
                stream.write(part)


@cache
def _environment() -> Environment:
    return html_templates("burnish.evidence.side_by_side")


def _marks(row: AnsweredRow) -> tuple[Mark, ...]:
    return cast("tuple[Mark, ...]", (row.answer or {}).get("marks", ()))


def _article(row: AnsweredRow) -> dict[str, object]:
    names = [name for name in row.fields if name not in _NOT_TEXTS]
    texts = [(name, str(row.fields[name])) for name in names]
    (first, body), *others = texts
    marked = [
        Piece(writable(each.text), each.kinds, each.ends) for each in pieces(body, _marks(row))
    ]
    sides = [("true", row.fields["gold"]), ("predicted", row.fields["predicted"])]
    plain = not any(
        isinstance(value, list) and value and isinstance(value[0], dict) for _, value in sides
    )
    return {
        "id": row.fields["row"],
        "right": row.fields["right"],
        "kind": row.fields["kind"],
        "score": row.fields["score"],
        "abstained": row.fields["abstained"],
        "sides": [(name, cell_text(value, separator=" + ")) for name, value in sides if plain],
        "first": first,
        "pieces": marked,
        "others": [(name, writable(text)) for name, text in others],
    }
