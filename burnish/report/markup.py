"""HTML from values: whatever is not said to be markup is escaped."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence

__all__ = ["Markup", "figure", "join", "paragraph", "section", "table", "tag", "text"]

_STACKED = 4
"""Columns from which a table is too wide for a phone."""


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


def text(value: object) -> Markup:
    """A value as HTML."""
    return value if isinstance(value, Markup) else Markup(html.escape(str(value)))


def join(parts: Iterable[object]) -> Markup:
    """Values one after the other."""
    return Markup("".join(text(part) for part in parts))


def tag(name: str, *content: object, **attributes: object) -> Markup:
    """An element; ``class_`` and the like lose their underscore, and others become dashes."""
    said = "".join(
        f' {key.strip("_").replace("_", "-")}="{html.escape(str(value))}"'
        for key, value in attributes.items()
    )
    return Markup(f"<{name}{said}>{join(content)}</{name}>")


def paragraph(*content: object, **attributes: object) -> Markup:
    """A paragraph."""
    return tag("p", *content, **attributes)


def section(title: str, *content: object) -> Markup:
    """A heading of the second level with what stands under it."""
    name = title.lower().replace(" ", "-")
    return tag("section", tag("h2", title), *content, id=name)


def figure(picture: Markup, caption: str) -> Markup:
    """A picture with what it shows."""
    return tag("figure", picture, tag("figcaption", caption))


def table(
    head: Sequence[object], rows: Iterable[Sequence[object]], *, square: bool = False
) -> Markup:
    """A table; numbers in strings are aligned by the style.

    On a phone one of more than three columns becomes a list, a cell a line beside its column's
    name.

    Args:
        head: names of the columns.
        rows: a cell a column each.
        square: a matrix, which stays one.
    """
    header = tag("thead", tag("tr", *(tag("th", cell, scope="col") for cell in head)))
    if square or len(head) < _STACKED:
        body = tag("tbody", *(tag("tr", *(tag("td", cell) for cell in row)) for row in rows))
        return tag("div", tag("table", header, body), class_="scroll")
    lines = (
        tag("tr", *(tag("td", cell, data_head=name) for name, cell in zip(head, row, strict=True)))
        for row in rows
    )
    return tag("div", tag("table", header, tag("tbody", *lines), class_="stack"), class_="scroll")
