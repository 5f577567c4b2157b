"""Hugging Face columns as JSON Lines: tokens with tags, or SQuAD answers as columns of lists."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from burnish.data.columns import Columns
from burnish.data.readers.jsonl import read_jsonl
from burnish.data.readers.tokens import join_tokens, locate_tokens, token_entities
from burnish.data.records import Item, Record, make_each, missing_column
from burnish.data.tags import Scheme, TagError, detect_scheme
from burnish.errors import DataError
from burnish.tasks.shapes import Shape

__all__ = ["read_answer_columns", "read_columns", "read_tagged_tokens"]

Read = Callable[[Path, Columns], Iterator[Item]]
"""Reads the rows as they are; from JSON Lines where nothing else is said."""


def read_columns(
    path: Path, columns: Columns, *, shape: Shape, tagged: bool, read: Read
) -> Iterator[Item]:
    """A table's rows in the native form.

    Args:
        path: of the table.
        columns: what its columns are called.
        shape: what its rows are read for.
        tagged: its entities, if any, are tags of tokens.
        read: reads its rows as they are.
    """
    if shape is Shape.SPANS and tagged:
        return read_tagged_tokens(path, columns, read=read)
    if shape is Shape.ANSWERS:
        return read_answer_columns(path, columns, read=read)
    return read(path, columns)


def read_answer_columns(path: Path, columns: Columns, *, read: Read = read_jsonl) -> Iterator[Item]:
    """A file's questions, their ``{"text": […], "answer_start": […]}`` in the native form.

    Two lists that are not equally long are a DataError in their row's place.
    """
    return make_each(read(path, columns), lambda record: _with_answers(record, columns))


def read_tagged_tokens(path: Path, columns: Columns, *, read: Read = read_jsonl) -> Iterator[Item]:
    """A file's rows with their tags as entities. A row that has entities too keeps those.

    The text is the tokens joined by spaces where the row has none. The file is read twice: once
    for its scheme, once for its rows. Tokens and tags that do not fit each other, or the text, are
    a DataError in their row's place.
    """
    scheme = detect_scheme(_all_tags(path, columns, read))
    return make_each(read(path, columns), lambda record: _with_entities(record, columns, scheme))


def _all_tags(path: Path, columns: Columns, read: Read) -> Iterator[Sequence[str]]:
    """The tags of the rows that have them in order; what is wrong with the others is said later."""
    for item in read(path, columns):
        if isinstance(item, Record) and item.fields.get(columns.entities) is None:
            with suppress(DataError, TagError):
                tags = _tags(item, columns)
                detect_scheme([tags])
                yield tags


def _with_entities(record: Record, columns: Columns, scheme: Scheme) -> Record:
    if record.fields.get(columns.entities) is not None:
        return record
    tokens, tags = _tokens(record, columns), _tags(record, columns)
    if len(tokens) != len(tags):
        message = f"there are {len(tokens)} tokens and {len(tags)} tags"
        raise record.error(message, "give each token one tag")
    text = record.fields.get(columns.text)
    if isinstance(text, str):
        offsets = locate_tokens(record, tokens, text)
    else:
        text, offsets = join_tokens(tokens)
    try:
        entities, errors = token_entities(tags, scheme, offsets=offsets)
    except TagError as error:
        raise _tag_fault(record, error) from error
    return replace(
        record,
        fields={**record.fields, columns.text: text, columns.entities: entities},
        faults=tuple(_tag_fault(record, error) for error in errors),
    )


def _tag_fault(record: Record, error: TagError) -> DataError:
    return record.error(f"token {error.index + 1}: {error}", error.hint)


def _tokens(record: Record, columns: Columns) -> list[str]:
    tokens = _column(record, columns.tokens, recipe_key="tokens")
    for index, token in enumerate(tokens):
        if not isinstance(token, str) or not token:
            message = f"token {index + 1} is not a string, or empty"
            raise record.error(message, "give each token at least one character")
    return [str(token) for token in tokens]


def _tags(record: Record, columns: Columns) -> list[str]:
    names = (columns.tags,) if columns.tags else ("tags", "ner_tags")
    name = next((name for name in names if name in record.fields), names[0])
    tags = _column(record, name, recipe_key="tags")
    return [_tag_name(record, tag, columns.tag_names) for tag in tags]


def _column(record: Record, name: str, *, recipe_key: str) -> list[object]:
    if name not in record.fields:
        raise record.error(*missing_column(name, record.fields, recipe_key=recipe_key))
    value = record.fields[name]
    if not isinstance(value, list):
        raise record.error(f"{name!r} is not a list", "write one tag per token")
    return value


def _tag_name(record: Record, tag: object, names: tuple[str, ...] | None) -> str:
    if isinstance(tag, str):
        return tag
    if isinstance(tag, bool) or not isinstance(tag, int):
        raise record.error("a tag is not a string or a whole number", 'write "O", "B-LABEL" …')
    if names is None:
        raise record.error(
            "the tags are numbers, and their names are missing",
            "name them in order, for example data.tag_names: [O, B-person, I-person]",
        )
    if not 0 <= tag < len(names):
        raise record.error(f"the tag {tag} has no name", f"data.tag_names has {len(names)} names")
    return names[tag]


def _with_answers(record: Record, columns: Columns) -> Record:
    answers = record.fields.get(columns.answers)
    if not isinstance(answers, dict):
        return record
    texts, starts = (answers.get(name) for name in ("text", "answer_start"))
    if not isinstance(texts, list) or not isinstance(starts, list) or len(texts) != len(starts):
        raise record.error(
            f"{columns.answers!r} is not two lists of equal length",
            'write {"text": ["the answer"], "answer_start": [0]}',
        )
    native: list[Mapping[str, object]] = [
        {"text": text, "start": start} for text, start in zip(texts, starts, strict=True)
    ]
    return replace(record, fields={**record.fields, columns.answers: native})
