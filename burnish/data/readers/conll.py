"""CoNLL: one token per line, its tag in a column of its own, a blank line between sentences.

Before a sentence's first token a line that begins with ``#`` and a space is a comment; where
columns are separated by tabs, such a line without a tab is one anywhere. CoNLL-U's tags may be in
MISC (``NER=B-PER``), and its texts are those that its words were cut from.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from burnish.data.columns import Columns
from burnish.data.readers.surface import Surface, find_misc, named_entity, read_surface
from burnish.data.readers.token_columns import (
    HEADER_WORDS,
    TokenColumns,
    UnclearColumnsError,
    choose_columns,
)
from burnish.data.readers.token_rows import TokenSentence, token_records
from burnish.data.records import Item
from burnish.data.source import read_lines
from burnish.data.tags import is_tag
from burnish.errors import DataError

__all__ = ["conll_notes", "read_conll"]

_SPACE = " \t\r\n"
_NAMED_COLUMNS = re.compile(r"#\s*global\.columns\s*=\s*(.+)")
"""The header of CoNLL-U Plus (https://universaldependencies.org/ext-format.html)."""
_NEW_DOCUMENT = re.compile(r"#\s*(newdoc\b|\S*document_id\s*=)")
"""CoNLL-U and HIPE-2022."""
_RANGE = re.compile(r"\d+[-.]\d+")
"""The number of a CoNLL-U line that is not a token: a range of tokens, or an empty node."""
_TEXT = re.compile(r"#\s*text\s*=\s*(.*\S)")
_LOOK = 1000


@dataclass(frozen=True, slots=True)
class _Layout:
    """How a file is written."""

    has_tabs: bool
    header: int | None
    """The physical line of the header; None where there is none."""
    names: tuple[str, ...]
    misc: int | None = None
    """The column MISC of CoNLL-U."""
    has_entities: bool = False
    """The tags are in MISC."""


def read_conll(path: Path, columns: Columns) -> Iterator[Item]:
    """A file's sentences; the text is the tokens joined by spaces.

    Which columns hold words and tags, and whether the tags are IOB1, IOB2 or BIOES, is found from
    the whole file, which is read several times.

    Raises:
        DataError: it is not clear which columns are meant, a line has no tag, or a tag that the
            file's scheme does not allow there.
    """
    layout = _layout(path)
    chosen = _columns(path, columns, layout)
    yield from token_records(
        path, columns, chosen, sentences=lambda: _tokens(_sentences(path, layout), chosen, layout)
    )


def conll_notes(path: Path, columns: Columns) -> tuple[str, ...]:
    """A note on the columns of a file that are not read.

    Raises:
        DataError: it is not clear which columns are meant.
    """
    note = _columns(path, columns, _layout(path)).note()
    return (note,) if note else ()


def _columns(path: Path, columns: Columns, layout: _Layout) -> TokenColumns:
    rows = (sentence.rows for sentence in _sentences(path, layout))
    try:
        return choose_columns(rows, columns, names=layout.names)
    except UnclearColumnsError as error:
        raise DataError(str(error), error.hint, file=path) from error


def _layout(path: Path) -> _Layout:
    layout = _plain_layout(path)
    if not layout.has_tabs or layout.header is not None:
        return layout
    lines = (_cells(line) for _, line in read_lines(path) if not line.startswith("#"))
    misc = find_misc(layout.names, list(islice(lines, _LOOK)))
    tagged = misc is not None and any(
        is_tag(named_entity(cells[misc]))
        for cells in (_cells(line) for _, line in read_lines(path))
        if len(cells) > misc
    )
    names = (*layout.names, "NER") if tagged and layout.names else layout.names
    return replace(layout, names=names, misc=misc, has_entities=tagged)


def _plain_layout(path: Path) -> _Layout:
    lines = [(number, line) for number, line in islice(read_lines(path), _LOOK) if line.strip()]
    has_tabs = any("\t" in line for _, line in lines if not line.startswith("#"))
    for number, line in lines:
        if named := _NAMED_COLUMNS.match(line):
            return _Layout(has_tabs, None, tuple(named[1].split()))
        cells = _cells(line)
        if not _is_comment(line, cells, has_tabs=has_tabs) and not _is_marker(cells):
            if _is_header(cells):
                return _Layout(has_tabs, number, tuple(cells))
            break
    return _Layout(has_tabs, None, ())


def _is_header(cells: Sequence[str]) -> bool:
    folded = [cell.casefold() for cell in cells]
    known = sum(name in HEADER_WORDS or name.startswith(("ne-", "ner")) for name in folded)
    return known > 1 and len(set(folded)) == len(folded) and not any(map(is_tag, cells))


def _sentences(path: Path, layout: _Layout) -> Iterator[TokenSentence]:
    sentence = TokenSentence(0, [], [])
    for number, line in read_lines(path):
        cells = _cells(line)
        is_marker = _is_marker(cells) or _NEW_DOCUMENT.match(line) is not None
        if not cells or is_marker:
            if sentence.rows:
                yield sentence
            sentence = TokenSentence(sentence.document + is_marker, [], [])
        elif number == layout.header or (layout.has_tabs and _is_bare_comment(line)):
            if given := _TEXT.match(line):
                sentence = replace(sentence, surface=Surface(given[1], ()))
        elif sentence.rows or not _is_comment(line, cells, has_tabs=layout.has_tabs):
            sentence.lines.append(number)
            sentence.rows.append(_with_entity(cells, layout))
    if sentence.rows:
        yield sentence


def _with_entity(cells: list[str], layout: _Layout) -> list[str]:
    """The line with its tag in a column behind the others, where it is in MISC."""
    if not layout.has_entities or layout.misc is None:
        return cells
    is_word = cells[0].isdecimal()
    misc = cells[layout.misc] if len(cells) > layout.misc else ""
    return [*cells, (named_entity(misc) or "O") if is_word else "_"]


def _tokens(
    sentences: Iterator[TokenSentence], columns: TokenColumns, layout: _Layout
) -> Iterator[TokenSentence]:
    """The sentences without the lines of CoNLL-U that are not tokens, and their texts."""
    for sentence in sentences:
        kept = [
            (line, cells)
            for line, cells in zip(sentence.lines, sentence.rows, strict=True)
            if not _is_range(cells, columns)
        ]
        surface = None
        if layout.misc is not None:
            given = sentence.surface.text if sentence.surface else ""
            surface = read_surface(sentence.rows, given, word=columns.word, misc=layout.misc)
        known = surface is not None and len(surface.offsets) == len(kept)
        yield TokenSentence(
            sentence.document,
            [line for line, _ in kept],
            [cells for _, cells in kept],
            surface if known else None,
        )


def _is_range(cells: Sequence[str], columns: TokenColumns) -> bool:
    untagged = columns.tag < len(cells) and cells[columns.tag] in ("_", "")
    return untagged and columns.word > 0 and _RANGE.fullmatch(cells[0]) is not None


def _is_marker(cells: Sequence[str]) -> bool:
    return "-DOCSTART-" in cells[:2]


def _cells(line: str) -> list[str]:
    line = line.strip("\r\n")
    if not line.strip(_SPACE):
        return []
    if "\t" in line:
        return [cell.strip(" ") for cell in line.rstrip(_SPACE).split("\t")]
    return [cell for cell in line.split(" ") if cell]


def _is_bare_comment(line: str) -> bool:
    return line.startswith("# ") and "\t" not in line


def _is_comment(line: str, cells: Sequence[str], *, has_tabs: bool) -> bool:
    """Before a sentence: ``#``, a space, and no tag; ``#hashtag`` is a token."""
    if has_tabs and _is_bare_comment(line):
        return True
    tagged = any(map(is_tag, cells[1:] if "\t" in line else cells[-1:]))
    return line.startswith(("# ", "#\t")) and not tagged
