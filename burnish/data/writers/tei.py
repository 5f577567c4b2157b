"""TEI P5: one document with an ``ab`` per row, its white space kept, and its entities in elements.

Labels that are names of TEI's elements (``persName``, ``placeName``) become these; others are
``<rs type="LABEL">``. Scores are in ``cert``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from burnish.data.readers.tei import NAME_ELEMENTS
from burnish.data.writers.files import staged_text
from burnish.data.writers.rows import NotedRow, Project, checked_rows, refuse_overlaps, refused
from burnish.tasks.marks import SpanMark

__all__ = ["write_tei"]

_HEAD = """\
<?xml version="1.0" encoding="UTF-8"?>
<TEI xmlns="http://www.tei-c.org/ns/1.0">
<teiHeader><fileDesc>
<titleStmt><title>Texts with entities</title></titleStmt>
<publicationStmt><p>Not published.</p></publicationStmt>
<sourceDesc><p>{model}</p></sourceDesc>
</fileDesc></teiHeader>
<text><body>
"""
_TAIL = "</body></text>\n</TEI>\n"
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
"""Characters that XML 1.0 has no way to write."""


def write_tei(rows: Iterable[NotedRow], path: Path, *, project: Project) -> int:
    """Write an ``ab`` per row, and return how many rows there are."""
    count = 0
    with staged_text(path) as stream:
        stream.write(_HEAD.format(model=escape(project.model)))
        for row in checked_rows(rows, project):
            refuse_overlaps(row, "this form")
            stream.write(
                f'<ab n={quoteattr(row.id)} xml:space="preserve">{"".join(_parts(row))}</ab>\n'
            )
            count += 1
        stream.write(_TAIL)
    return count


def _parts(row: NotedRow) -> Iterator[str]:
    found = _NOT_XML.search(row.text)
    if found is not None:
        raise refused(
            row,
            f"the text holds the character U+{ord(found[0]):04X}, which XML cannot hold",
            "remove it: burnish check --fix does so with control characters",
        )
    at = 0
    for span in row.marks.spans:
        yield _escaped(row.text[at : span.start])
        yield _element(row, span)
        at = span.end
    yield _escaped(row.text[at:])


def _element(row: NotedRow, span: SpanMark) -> str:
    name, kind = span.label, ""
    if name not in NAME_ELEMENTS:
        if any(map(str.isspace, span.label)) or _NOT_XML.search(span.label):
            raise refused(
                row,
                f"the label {span.label!r} has white space, which TEI's @type cannot hold",
                "rename it, or choose another form",
            )
        name, kind = "rs", f" type={quoteattr(span.label)}"
    cert = "" if span.score is None else f' cert="{span.score:.4f}"'
    return f"<{name}{kind}{cert}>{_escaped(row.text[span.start : span.end])}</{name}>"


def _escaped(text: str) -> str:
    """The text for an element; a parser would make a line feed of a carriage return."""
    return escape(text, {"\r": "&#13;"})
