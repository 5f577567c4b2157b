"""Token rows: sentences of one token per line become records, and every fault is named."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from burnish.data.columns import Columns
from burnish.data.readers.surface import Surface
from burnish.data.readers.token_columns import TokenColumns
from burnish.data.readers.tokens import join_tokens, token_entities
from burnish.data.records import Item, Record
from burnish.data.tags import Scheme, TagError, detect_scheme, is_tag
from burnish.errors import DataError

__all__ = ["TokenSentence", "token_records"]

_LAST = "EndOfSentence"
"""In HIPE-2022 the last token of a sentence has this flag; blank lines are between documents."""
_INSIDE = ("I-", "E-", "L-")
"""A program set the flags, and some are inside an entity."""
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
    surface: Surface | None = None
    """The text that its words were cut from, where that is known."""


def token_records(
    path: Path,
    columns: Columns,
    chosen: TokenColumns,
    *,
    sentences: Callable[[], Iterator[TokenSentence]],
) -> Iterator[Item]:
    """The sentences as records; the text is the tokens joined by spaces.

    Args:
        path: the file.
        columns: names of the fields.
        chosen: the columns that are read.
        sentences: reads them from the start; asked twice, for the scheme and for the records.

    Yields:
        a record for each sentence; a DataError for each line without a tag or a word, in place of
        its sentence; a tag that certainly was another one is among the record's ``faults``.
    """
    scheme = detect_scheme(
        _tags(sentence, chosen)
        for whole in sentences()
        for sentence in _divided(whole, chosen)
        if not any(_fault(cells, chosen) for cells in sentence.rows)
    )
    for whole in sentences():
        for sentence in _divided(whole, chosen):
            faults: list[Item] = [*_faults(sentence, chosen, path)]
            yield from faults or [_record(sentence, chosen, columns, path, scheme)]


def _record(
    sentence: TokenSentence, chosen: TokenColumns, columns: Columns, path: Path, scheme: Scheme
) -> Item:
    text, offsets = join_tokens([cells[chosen.word] for cells in sentence.rows])
    if sentence.surface is not None:
        text, offsets = sentence.surface.text, [*sentence.surface.offsets]
    try:
        entities, errors = token_entities(_tags(sentence, chosen), scheme, offsets=offsets)
    except TagError as error:
        return _tag_fault(error, sentence, path)
    return Record(
        path=path,
        line=sentence.lines[0],
        position=str(sentence.lines[0]),
        fields={columns.text: text, columns.entities: entities, "document": sentence.document},
        faults=tuple(_tag_fault(error, sentence, path) for error in errors),
    )


def _tag_fault(error: TagError, sentence: TokenSentence, path: Path) -> DataError:
    return DataError(str(error), error.hint, file=path, line=sentence.lines[error.index])


def _tags(sentence: TokenSentence, chosen: TokenColumns) -> list[str]:
    return [cells[chosen.tag] for cells in sentence.rows]


def _divided(whole: TokenSentence, chosen: TokenColumns) -> Iterator[TokenSentence]:
    """Its sentences, where a column tells them; an empty cell goes on with the sentence."""
    part, before = TokenSentence(whole.document, [], []), ""
    for line, cells in zip(whole.lines, whole.rows, strict=True):
        at = chosen.sentence
        name = cells[at] if at is not None and at < len(cells) else ""
        goes_on = cells[min(chosen.tag, len(cells) - 1)].startswith(_INSIDE)
        ended = bool(part.rows) and _LAST in part.rows[-1][-1].split("|") and not goes_on
        if part.rows and (ended or (name and name != before)):
            yield part
            part = TokenSentence(whole.document, [], [])
        before = name or before
        part.lines.append(line)
        part.rows.append(cells)
    yield whole if len(part.rows) == len(whole.rows) else part


def _faults(sentence: TokenSentence, chosen: TokenColumns, path: Path) -> Iterator[DataError]:
    for line, cells in zip(sentence.lines, sentence.rows, strict=True):
        fault = _fault(cells, chosen)
        if fault is not None:
            yield DataError(*fault, file=path, line=line)


def _fault(cells: Sequence[str], chosen: TokenColumns) -> tuple[str, str] | None:
    """What is wrong with a line, and how to fix it."""
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
        return None
    if len(cells) > chosen.width and is_tag(cells[-1]):
        return (
            f"the line has {len(cells)} columns, where the others have {chosen.width}",
            "write one token per line, without a space in it, or separate columns by tabs",
        )
    return f"{tag}, {cells[chosen.tag]!r}, is not a tag", _TAG_HINT
