"""spaCy's DocBin (``.spacy``): documents as columns of numbers, read without spaCy.

It is MessagePack, compressed by zlib (extra ``spacy``). Words and labels are numbers: MurmurHash64A
of those that the file lists, or the few that spaCy counts itself
(https://spacy.io/api/docbin#serialization).
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from burnish.data.columns import Columns
from burnish.data.readers.annotations import Annotated, annotated_records, unannotated
from burnish.data.readers.spacy_json import label_of_cats
from burnish.data.readers.spacy_strings import string_numbers
from burnish.data.records import Item, Object, Record, Skip, make_each
from burnish.errors import DataError, MissingExtraError
from burnish.tasks.shapes import Shape

__all__ = ["DOC_BIN", "is_doc_bin", "read_doc_bin"]

DOC_BIN = "spaCy DocBin"
"""What the head of such a file shows."""
_ORTH, _IOB, _TYPE = 65, 77, 78
"""spaCy's numbers of a token's word, and of where in an entity it is and of what kind."""
_INSIDE, _BEGINS = 1, 3
_MOST_BYTES = 1 << 30
_HINT = "write it again: DocBin.to_disk"
Numbers = npt.NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class _Columns:
    """The columns of a file's tokens, one document's after another's."""

    words: Numbers
    inside: Numbers | None
    kinds: Numbers | None
    spaces: npt.NDArray[np.bool_]
    lengths: Sequence[int]
    names: Mapping[int, str]
    cats: Sequence[object]


def is_doc_bin(start: bytes) -> bool:
    """Whether a file's first bytes are those of a DocBin."""
    if start[:1] != b"\x78":
        return False
    try:
        content = zlib.decompressobj().decompress(start, 256)
    except zlib.error:
        return False
    return b"version" in content[:16] and b"attrs" in content


def read_doc_bin(path: Path, columns: Columns, *, shape: Shape) -> Iterator[Item]:
    """A file's documents; a category with a value above one half is a label.

    Raises:
        DataError: the file is damaged, or holds no words.
        MissingExtraError: msgpack is not installed.
    """
    items = make_each(_records(path), partial(_annotated, columns=columns, shape=shape))
    return annotated_records(items, columns, shape=shape)


def _records(path: Path) -> Iterator[Item]:
    found = _columns(path, _content(path))
    start = 0
    for number, length in enumerate(found.lengths):
        name = f"document {number + 1}"
        record = Record(path=path, line=None, position=str(number + 1), name=name, fields={})
        try:
            yield replace(record, fields=_document(found, number, slice(start, start + length)))
        except KeyError:
            message = "a word or a label is not among the strings of the file"
            yield record.error(message, _HINT)
        start += length


def _document(found: _Columns, number: int, at: slice) -> Object:
    text, offsets = "", []
    for word, space in zip(found.words[at].tolist(), found.spaces[at].tolist(), strict=True):
        name = found.names[word]
        offsets.append((len(text), len(text) + len(name)))
        text += name + " " * space
    fields: dict[str, object] = {"text": text}
    if found.inside is not None and found.kinds is not None and any(found.inside[at].tolist()):
        places = zip(found.inside[at].tolist(), found.kinds[at].tolist(), offsets, strict=True)
        fields["ents"] = _entities(places, found.names)
    if number < len(found.cats):
        fields["cats"] = found.cats[number]
    return fields


def _entities(
    tokens: Iterator[tuple[int, int, tuple[int, int]]], names: Mapping[int, str]
) -> list[dict[str, object]]:
    """The entities of tokens, each with its place in one, its kind, and its start and end."""
    entities: list[dict[str, object]] = []
    before = 0
    for place, kind, (start, end) in tokens:
        if place == _INSIDE and kind and kind == before:
            entities[-1]["end"] = end
        elif place in (_INSIDE, _BEGINS) and kind:
            entities.append({"start": start, "end": end, "label": names[kind]})
        before = kind if place in (_INSIDE, _BEGINS) else 0
    return entities


def _content(path: Path) -> Mapping[str, Any]:
    try:
        unpack = import_module("msgpack").unpackb
    except ImportError as error:
        raise MissingExtraError("msgpack", "spacy") from error
    try:
        packed = zlib.decompressobj()
        content = packed.decompress(path.read_bytes(), _MOST_BYTES)
        if packed.unconsumed_tail or not packed.eof:
            raise ValueError("it ends too early, or is larger than 1 GiB")
        value = unpack(content, strict_map_key=False)
    except (zlib.error, ValueError, TypeError, RecursionError) as error:
        raise DataError(f"is a damaged {DOC_BIN}: {error}", _HINT, file=path) from error
    return value if isinstance(value, dict) else {}


def _columns(path: Path, content: Mapping[str, Any]) -> _Columns:
    try:
        attributes = [int(each) for each in content["attrs"]]
        lengths = np.frombuffer(content["lengths"], dtype="<i4").tolist()
        tokens = np.frombuffer(content["tokens"], dtype="<u8").reshape(-1, len(attributes))
        spaces = np.frombuffer(content["spaces"], dtype=np.uint8) != 0
        names = string_numbers([str(each) for each in content["strings"]])
        cats = list(content.get("cats") or ())
        column = {name: tokens[:, index] for index, name in enumerate(attributes)}
        words = column[_ORTH]
        if min([0, *lengths]) < 0 or not sum(lengths) == len(tokens) == len(spaces):
            raise ValueError("its columns differ in length")
    except (KeyError, ValueError, TypeError, OverflowError, ZeroDivisionError) as error:
        message = f"is a damaged {DOC_BIN}: {type(error).__name__}, {error}"
        raise DataError(message, _HINT, file=path) from error
    return _Columns(words, column.get(_IOB), column.get(_TYPE), spaces, lengths, names, cats)


def _annotated(record: Record, columns: Columns, shape: Shape) -> Annotated | Skip:
    text, spans = record.fields["text"], record.fields.get("ents")
    cats = record.fields.get("cats")
    labels = label_of_cats(record, cats) if cats else ()
    given: dict[Shape, object] = {Shape.SPANS: spans, Shape.LABELS: labels or None}
    wanted = given.pop(shape)
    others = next((each for each, marks in given.items() if marks), None)
    bare = replace(record, fields={})
    if wanted is None and others is None:
        return unannotated(bare, columns, text)
    found = tuple(wanted) if isinstance(wanted, list | tuple) else ()
    return Annotated(record=bare, text=text, found=found, others=others)
