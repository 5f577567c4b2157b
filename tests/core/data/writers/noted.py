"""Noted rows for the tests of the writers: texts of every kind, and their way back to rows."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from burnish.data import ClassificationExample, Columns, ExtractionExample
from burnish.data.readers import choose_format
from burnish.data.records import Record
from burnish.data.writers import WRITERS, NotedRow, Project
from burnish.errors import DataError
from burnish.tasks.marks import LabelMark, Marks, SpanMark
from burnish.tasks.regression.example import ScoreExample
from burnish.tasks.shapes import Shape
from burnish.tasks.table import find_task

__all__ = [
    "LABELS",
    "label_rows",
    "plain",
    "read_back",
    "span_rows",
    "spans_of",
    "texts",
    "write_rows",
]

LABELS = ("PER", "late-parcel", "Büro", "R2D2", "東")
_PIECES = st.sampled_from(
    [
        *(
            "Anna",
            "lives",
            "in",
            "Łódź",
            "U.S.A.",
            "Cafe\u0301",
            "नमस्ते",
            "東京都",
            "👩\u200d👧",
            "😊",
        ),
        *(
            " ",
            "  ",
            "\t",
            "\n",
            "\r\n",
            "\r",
            "\u00a0",
            "\u2028",
            ".",
            ",",
            "-",
            "'",
            "\u2019s",
            "\\",
        ),
        *(
            "<b>",
            "&amp;",
            "]]>",
            '"',
            "[1]",
            "_",
            "*",
            "|",
            ";",
            "->",
            "#",
            "# ",
            "T1",
            "O",
            "B-PER",
        ),
        *("-DOCSTART-", "-", "http://a.b/c?d=e", "{", "}", "\ufeff", "\u200b", "e\u0301"),
    ]
)
_LEAD = re.compile(r"^\s*\ufeff[\s\ufeff]*")
_ANY = st.characters(exclude_categories=["Cs"], max_codepoint=0x1FFFF)


def plain(text: str) -> bool:
    """Whether a text has more than white space: one without is no row."""
    return bool(text.strip())


texts = st.lists(st.one_of(_PIECES, _PIECES, _PIECES, _ANY), min_size=1, max_size=12).map("".join)
"""Texts with emoji, combining marks, line ends of every kind, tabs, and what forms reserve."""


@st.composite
def span_rows(draw: st.DrawFn, *, whole: bool = False, alphabet: Any = texts) -> list[NotedRow]:
    """Rows with entities, adjacent ones and none among them.

    Args:
        draw: given by hypothesis.
        whole: no entity begins or ends with white space.
        alphabet: the texts.
    """
    rows = []
    for number in range(draw(st.integers(1, 4))):
        text = draw(alphabet.filter(plain))
        text = _LEAD.sub("", text).replace("\0", "") or "." if whole else text
        text = text if text.strip() else "."
        cuts = sorted(draw(st.sets(st.integers(0, len(text)), max_size=6)))
        spans = [
            SpanMark(start, end, draw(st.sampled_from(LABELS)), draw(st.sampled_from((0.25, 0.9))))
            for start, end in pairwise(cuts)
            if draw(st.booleans()) and text[start:end].strip()
        ]
        if whole:
            spans = [trimmed(text, span) for span in spans]
        rows.append(NotedRow(id=f"r.csv:{number}", text=text, marks=Marks(spans=tuple(spans))))
    return rows


def trimmed(text: str, span: SpanMark) -> SpanMark:
    """The span without white space at its edges."""
    inside = text[span.start : span.end]
    start = span.start + len(inside) - len(inside.lstrip())
    return SpanMark(start, start + len(inside.strip()), span.label, span.score)


@st.composite
def label_rows(draw: st.DrawFn, *, several: bool) -> list[NotedRow]:
    """Rows with one label each; or with any number, of which one row has two."""
    given = draw(st.lists(texts.filter(plain), min_size=1, max_size=4))
    rows = []
    for number, text in enumerate(given):
        most = st.lists(st.sampled_from(LABELS), unique=True, max_size=3)
        labels = draw(most) if several else [draw(st.sampled_from(LABELS))]
        labels = ["PER", "東"] if several and number == 0 else labels
        marks = Marks(labels=tuple(LabelMark(label, 0.75) for label in labels))
        rows.append(NotedRow(id=f"r.csv:{number}", text=text, marks=marks))
    return rows


def write_rows(name: str, rows: list[NotedRow], folder: Path, shape: Shape, **more: Any) -> Path:
    """The rows, written in a form."""
    form = WRITERS[name]
    path = folder / f"out{form.suffix}"
    project = Project(shape=shape, labels=LABELS, **more)
    assert form.write(iter(rows), path, project=project) == len(rows)
    return path


def read_back(path: Path, task: str, **named: Any) -> list[tuple[str, tuple[Any, ...]]]:
    """Text and answer of each row, by the reader that the file itself chooses."""
    columns = Columns(**named)
    rows = find_task(task).rows
    builder = rows.builder(columns)
    found: list[tuple[str, tuple[Any, ...]]] = []
    for item in choose_format(path, task, columns=columns).read(path, columns, shape=rows.shape):
        if isinstance(item, DataError):
            raise item
        assert isinstance(item, Record), item
        example = builder.build(item)
        if isinstance(example, ExtractionExample):
            found.append((example.text, tuple((s.start, s.end, s.label) for s in example.entities)))
        elif isinstance(example, ScoreExample):
            found.append((example.text, (example.score,)))
        else:
            assert isinstance(example, ClassificationExample), example
            found.append((example.text, example.labels))
    return found


def spans_of(rows: list[NotedRow]) -> list[tuple[str, tuple[Any, ...]]]:
    """Text and entities of each row, as :func:`read_back` gives them."""
    return [(row.text, tuple((s.start, s.end, s.label) for s in row.marks.spans)) for row in rows]
