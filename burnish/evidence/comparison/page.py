"""The page: the figures, then each row that the models answer otherwise. No scripts."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import cast

from jinja2 import Environment
from typing_extensions import override

from burnish.batch.rows import AnsweredRow
from burnish.batch.sinks.sink import Sink, Table, cell_text, writable
from burnish.evidence.comparison.models import Comparison
from burnish.evidence.side_by_side import Compared
from burnish.evidence.templates import html_templates

__all__ = ["ComparisonPage"]


class ComparisonPage(Sink):
    """An HTML page with a table of the models and one article per row."""

    comparison: Comparison | None = None
    """Set before the page is written."""

    @override
    def write(self, path: Path, table: Table) -> None:
        assert self.comparison is not None  # noqa: S101  else write_differing was not what called
        names = [each.name for each in self.comparison.contestants]
        page = _environment().get_template("page.html")
        with path.open("w", encoding="utf-8") as stream:
            for part in page.generate(
                found=self.comparison,
                duels=[None, *self.comparison.duels],
                rows=[_article(names, row) for row in table.rows],
            ):
                stream.write(part)


@cache
def _environment() -> Environment:
    return html_templates("burnish.evidence.comparison")


def _text(answer: object) -> str:
    """An answer for reading: labels, or each entity on a line of its own."""
    if isinstance(answer, list) and answer and isinstance(answer[0], dict):
        return "\n".join(writable(f"{each['text']} ({each['label']})") for each in answer)
    return cell_text(answer, separator=" + ")


def _article(names: list[str], row: AnsweredRow) -> dict[str, object]:
    answers = cast("list[Compared]", (row.answer or {})["answers"])
    first = answers[0]
    return {
        "id": first.row,
        "true": _text(first.sides.gold),
        "texts": [(name, writable(text)) for name, text in first.texts],
        "answers": [
            (name, _text(each.sides.predicted), each.right, each.score)
            for name, each in zip(names, answers, strict=True)
        ],
    }
