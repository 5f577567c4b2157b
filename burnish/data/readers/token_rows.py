"""Token rows: sentences of one token per line become records, and every fault is named."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from burnish.data.columns import Columns
from burnish.data.readers.token_columns import TokenColumns
from burnish.data.readers.tokens import join_tokens, token_entities
from burnish.data.records import Record
from burnish.data.tags import TagError, detect_scheme, is_tag
from burnish.errors import DataError

__all__ = ["TokenSentence", "token_records"]

_TAG_HINT = "write O, B-LABEL or I-LABEL there (also E- and S-)"


@dataclass(frozen=True, slots=True)
class TokenSentence:
    """The lines of a sentence."""

    document: int
    """How many documents were begun before it."""
    lines: list[int]
    """Physical lines, from 1."""
    rows: list[list[str]]
    """The cells of each."""


def token_records(
    path: Path,
    columns: Columns,
    chosen: TokenColumns,
    *,
    sentences: Callable[[], Iterator[TokenSentence]],
) -> Iterator[Record]:
    """The sentences as records; the text is the tokens joined by spaces.

    Args:
        path: the file.
        columns: names of the fields.
        chosen: the columns that are read.
        sentences: reads them from the start; asked twice, for the scheme and for the records.

    Raises:
        DataError: a line has no tag, or a tag that the file's scheme does not allow there.
    """

    def checked() -> Iterator[TokenSentence]:
        for whole in sentences():
            for sentence in _divided(whole, chosen):
                for line, cells in zip(sentence.lines, sentence.rows, strict=True):
                    _check(cells, chosen, path=path, number=line)
                yield sentence

    scheme = detect_scheme([cells[chosen.tag] for cells in each.rows] for each in checked())
    for sentence in checked():
        text, offsets = join_tokens([cells[chosen.word] for cells in sentence.rows])
        tags = [cells[chosen.tag] for cells in sentence.rows]
        try:
            entities = token_entities(tags, scheme, offsets=offsets)
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


def _divided(whole: TokenSentence, chosen: TokenColumns) -> Iterator[TokenSentence]:
    """Its sentences, where a column tells them; an empty cell goes on with the sentence."""
    if chosen.sentence is None:
        yield whole
        return
    part, before = TokenSentence(whole.document, [], []), ""
    for line, cells in zip(whole.lines, whole.rows, strict=True):
        name = cells[chosen.sentence] if chosen.sentence < len(cells) else ""
        if name and part.rows and name != before:
            yield part
            part = TokenSentence(whole.document, [], [])
        before = name or before
        part.lines.append(line)
        part.rows.append(cells)
    yield part


def _check(cells: Sequence[str], chosen: TokenColumns, *, path: Path, number: int) -> None:
    message, hint = _fault(cells, chosen)
    if message:
        raise DataError(message, hint, file=path, line=number)


def _fault(cells: Sequence[str], chosen: TokenColumns) -> tuple[str, str]:
    word, tag = chosen.name(chosen.word), chosen.name(chosen.tag)
    if len(cells) <= chosen.tag:
        where = f"; it has {len(cells)} of {chosen.width} columns, and tags are in {tag}"
        return (
            "the line has no tag" + (where if chosen.width > 2 else ""),
            "write the token, a tab or space, and its tag: O, B-LABEL or I-LABEL",
        )
    if len(cells) <= chosen.word or not cells[chosen.word]:
        return "the line has no token", f"write it in {word}, or remove the line"
    if is_tag(cells[chosen.tag]):
        return "", ""
    if len(cells) > chosen.width and is_tag(cells[-1]):
        return (
            f"the line has {len(cells)} columns, where the others have {chosen.width}",
            "write one token per line, without a space in it, or separate columns by tabs",
        )
    return f"{tag}, {cells[chosen.tag]!r}, is not a tag", _TAG_HINT
