"""GLiNER: JSON of tokens and entities by token, as its training reads it.

``{"tokenized_text": ["Ana", "Silva", "left"], "ner": [[0, 1, "person"]]}``: the second number is
the last token's own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

from burnish.data.columns import Columns
from burnish.data.readers.jsonl import read_jsonl
from burnish.data.readers.tokens import join_tokens
from burnish.data.records import Item, Record, make_each

__all__ = ["read_gliner"]

_HINT = 'write each as [first token, last token, "label"], tokens counted from 0'


def read_gliner(path: Path, columns: Columns) -> Iterator[Item]:
    """A file's rows; the text is the tokens joined by spaces.

    A row that is not of GLiNER's form is a DataError in its place.
    """
    return make_each(read_jsonl(path, columns), partial(_native, columns=columns))


def _native(record: Record, columns: Columns) -> Record:
    tokens, found = record.fields.get("tokenized_text"), record.fields.get("ner")
    if not isinstance(tokens, list) or not all(isinstance(each, str) and each for each in tokens):
        raise record.error("'tokenized_text' is not a list of words", "write one string per token")
    if not isinstance(found, list):
        raise record.error("'ner' is not a list", _HINT)
    text, offsets = join_tokens(tokens)
    entities = []
    for each in found:
        if not (isinstance(each, list) and [type(part) for part in each] == [int, int, str]):
            raise record.error("an entity is not two tokens and a label", _HINT)
        first, last, label = each
        if not 0 <= first <= last < len(tokens):
            raise record.error(
                f"an entity from token {first} to {last} is outside the {len(tokens)} tokens",
                _HINT,
                kind="span-outside-text",
            )
        entities.append({"start": offsets[first][0], "end": offsets[last][1], "label": label})
    own = ("tokenized_text", "ner")
    others = {name: value for name, value in record.fields.items() if name not in own}
    return replace(record, fields={**others, columns.text: text, columns.entities: entities})
