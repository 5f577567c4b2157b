"""CoNLL: one token a line, its tag in the last column, a blank line between sentences.

Before a sentence's first token a line that begins with ``#`` and a space is a comment.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from burnish.data.columns import Columns
from burnish.data.readers.tokens import join_tokens, token_entities
from burnish.data.records import Item, Record
from burnish.data.source import read_lines
from burnish.data.tags import TagError, detect_scheme, is_tag
from burnish.errors import DataError

__all__ = ["read_conll"]

_SPACE = " \t\r\n"


@dataclass(frozen=True, slots=True)
class _Sentence:
    document: int
    lines: list[int]
    tokens: list[str]
    tags: list[str]


def read_conll(path: Path, columns: Columns) -> Iterator[Item]:
    """A file's sentences; the text is the tokens joined by spaces. IOB1, IOB2 or BIOES is detected.

    The file is read twice: once for its scheme, once for its sentences.

    Raises:
        DataError: a line has no tag, or a tag that the file's scheme does not allow there.
    """
    scheme = detect_scheme(sentence.tags for sentence in _sentences(path))
    for sentence in _sentences(path):
        text, offsets = join_tokens(sentence.tokens)
        try:
            entities = token_entities(sentence.tags, scheme, offsets=offsets)
        except TagError as error:
            line = sentence.lines[error.index]
            raise DataError(str(error), error.hint, file=path, line=line) from error
        yield Record(
            path=path,
            line=sentence.lines[0],
            position=str(sentence.lines[0]),
            fields={
                columns.text: text,
                columns.entities: entities,
                "document": sentence.document,
            },
        )


def _sentences(path: Path) -> Iterator[_Sentence]:
    sentence = _Sentence(0, [], [], [])
    for number, line in read_lines(path):
        cells = _cells(line)
        is_marker = bool(cells) and cells[0] == "-DOCSTART-"
        if not cells or is_marker:
            if sentence.tokens:
                yield sentence
            sentence = _Sentence(sentence.document + is_marker, [], [], [])
        elif sentence.tokens or not _is_comment(line, cells):
            _check(cells, path=path, number=number)
            sentence.lines.append(number)
            sentence.tokens.append(cells[0])
            sentence.tags.append(cells[-1])
    if sentence.tokens:
        yield sentence


def _cells(line: str) -> list[str]:
    line = line.strip("\r\n")
    if not line.strip(_SPACE):
        return []
    if "\t" in line:
        return [cell.strip(" ") for cell in line.rstrip(_SPACE).split("\t")]
    return [cell for cell in line.split(" ") if cell]


def _is_comment(line: str, cells: list[str]) -> bool:
    """Before a sentence: ``#``, a space, and no tag; ``#hashtag`` is a token."""
    return line.startswith(("# ", "#\t")) and not is_tag(cells[-1])


def _check(cells: list[str], *, path: Path, number: int) -> None:
    if len(cells) < 2 or not cells[0]:
        message = "the line has no tag" if len(cells) < 2 else "the line has no token"
        hint = "write the token, a tab or space, and its tag: O, B-LABEL or I-LABEL"
        raise DataError(message, hint, file=path, line=number)
    if not is_tag(cells[-1]):
        raise DataError(
            f"the last column, {cells[-1]!r}, is not a tag",
            "the last column must be O, B-LABEL or I-LABEL (also E- and S-)",
            file=path,
            line=number,
        )
