"""spaCy's JSON: training pairs, documents of ``Doc.to_json``, and the training form of version 2.

``["Ana left.", {"entities": [[0, 3, "PERSON"]], "cats": {"news": 1.0}}]`` in a list or a line each;
``{"text", "ents", "cats"}``; ``{"paragraphs": [{"raw", "sentences": [{"tokens": […]}]}]}``, which
gives a row per paragraph. A category with a value above one half is a label.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from burnish.data.columns import Columns
from burnish.data.readers.annotations import Annotated, annotated_records, unannotated
from burnish.data.readers.jsonl import read_jsonl
from burnish.data.readers.tokens import join_tokens, locate_tokens, token_entities
from burnish.data.records import Item, Object, Record, Skip, make_each, parse_json
from burnish.data.source import read_document, read_lines_and_faults
from burnish.data.tags import TagError, detect_scheme
from burnish.errors import DataError
from burnish.tasks.shapes import Shape

__all__ = ["PAIRS", "is_spacy_row", "label_of_cats", "read_spacy_json", "read_spacy_pairs"]

PAIRS = re.compile(
    r'\s*(?:\{\s*"classes"\s*:\s*\[[^\[\]]*\]\s*,\s*"annotations"\s*:\s*)?'
    r'\[\s*(?:\[\s*)?"(?:[^"\\]|\\.)*"\s*,\s*\{',
    re.DOTALL,
)
"""How a file of pairs begins; "classes" is what the NER Annotator for spaCy writes before."""
_PAIR_HINT = 'write each as ["text", {"entities": [[0, 3, "LABEL"]]}]'
_HINT = "write it with spacy's Doc.to_json, or as pairs: " + _PAIR_HINT
_IS_TRUE = 0.5


def is_spacy_row(row: Mapping[str, object]) -> bool:
    """Whether an object is a document of spaCy's."""
    parts = row.get("paragraphs")
    nested = isinstance(parts, list) and any(
        isinstance(each, dict) and "sentences" in each for each in parts
    )
    return nested or (isinstance(row.get("ents"), list) and "text" in row)


def label_of_cats(record: Record, cats: object) -> tuple[str, ...]:
    """The categories that are true of a text.

    Raises:
        DataError: they are no categories.
    """
    given: dict[object, object] = {}
    if isinstance(cats, dict):
        given = {**cats}
    elif isinstance(cats, list) and all(isinstance(each, dict) for each in cats):
        given = {each.get("label"): each.get("value") for each in cats}
    values = {name: value for name, value in given.items() if isinstance(value, int | float)}
    if len(values) < max(len(given), 1) or not all(isinstance(name, str) for name in values):
        raise record.error("'cats' is not names with numbers", 'write {"cats": {"news": 1.0}}')
    return tuple(str(name) for name, value in values.items() if value > _IS_TRUE)


def read_spacy_pairs(path: Path, columns: Columns, *, shape: Shape) -> Iterator[Item]:
    """A file's pairs of a text and its annotations.

    Raises:
        DataError: it is not JSON, or no list of pairs.
    """
    items = make_each(_pairs(path), partial(_annotated, columns=columns, shape=shape))
    return annotated_records(items, columns, shape=shape)


def read_spacy_json(path: Path, columns: Columns, *, shape: Shape) -> Iterator[Item]:
    """A file's documents; a paragraph that is not of spaCy's form is a DataError in its place."""

    def parts() -> Iterator[Item]:
        for item in read_jsonl(path, columns):
            if isinstance(item, Record) and "paragraphs" in item.fields:
                yield from _paragraphs(item)
            else:
                yield item

    items = make_each(parts(), partial(_annotated, columns=columns, shape=shape))
    return annotated_records(items, columns, shape=shape)


def _pairs(path: Path) -> Iterator[Item]:
    """The pairs, each as a record of its text and annotations."""
    first = next(
        (line for _, line in read_lines_and_faults(path) if isinstance(line, str) and line.strip()),
        "",
    )
    if _is_pair(_loaded(first)):
        for number, line in read_lines_and_faults(path):
            if isinstance(line, DataError):
                yield line
            elif line.strip():
                yield _line_pair(path, number, line)
        return
    document = parse_json(read_document(path), path=path, line=None, hint=_PAIR_HINT)
    pairs = document.get("annotations") if isinstance(document, dict) else document
    for number, pair in enumerate(pairs if isinstance(pairs, list) else [pairs], start=1):
        if pair is not None:  # the NER Annotator's for a text that was skipped
            yield _pair(path, None, number, pair)


def _line_pair(path: Path, number: int, line: str) -> Record | DataError:
    try:
        value = parse_json(line, path=path, line=number, hint=_PAIR_HINT)
    except DataError as error:
        return error
    return _pair(path, number, number, value)


def _pair(path: Path, line: int | None, number: int, value: object) -> Record | DataError:
    record = Record(path=path, line=line, position=str(number), name=f"pair {number}", fields={})
    if not _is_pair(value):
        return record.error("it is not a text and its annotations", _PAIR_HINT)
    assert isinstance(value, list)  # noqa: S101  _is_pair
    return replace(record, fields={**value[1], "text": value[0]})


def _is_pair(value: object) -> bool:
    return (
        isinstance(value, list)
        and len(value) == 2
        and isinstance(value[0], str)
        and isinstance(value[1], dict)
    )


def _loaded(line: str) -> object:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None


def _paragraphs(record: Record) -> Iterator[Record | DataError]:
    parts = record.fields["paragraphs"]
    if not isinstance(parts, list):
        yield record.error("'paragraphs' is not a list", _HINT)
        return
    for number, part in enumerate(parts, start=1):
        place = replace(
            record,
            position=f"{record.position}.{number}",
            name=f"{record.name or 'document'}, paragraph {number}",
        )
        try:
            yield replace(place, fields=_paragraph(place, part))
        except DataError as error:
            yield error


def _paragraph(record: Record, part: object) -> Object:
    sentences = part.get("sentences") if isinstance(part, dict) else None
    if not isinstance(part, dict) or not isinstance(sentences, list):
        raise record.error("it has no list 'sentences'", _HINT)
    tokens = [token for sentence in sentences for token in _tokens(record, sentence)]
    words = [str(token["orth"]) for token in tokens]
    raw = part.get("raw")
    if isinstance(raw, str):
        offsets, text = locate_tokens(record, words, raw), raw
    else:
        text, offsets = join_tokens(words)
    cats = {"cats": part["cats"]} if part.get("cats") else {}
    tags = [str(token.get("ner", "-")) for token in tokens]
    if all(tag == "-" for tag in tags):  # nobody has annotated entities
        return {"text": text, **cats}
    tags = ["O" if tag == "-" else tag for tag in tags]
    try:
        entities, errors = token_entities(tags, detect_scheme([tags]), offsets=offsets)
    except TagError as error:
        raise record.error(f"token {error.index + 1}: {error}", error.hint) from error
    if errors:
        raise record.error(f"token {errors[0].index + 1}: {errors[0]}", errors[0].hint)
    return {"text": text, "ents": entities, **cats}


def _tokens(record: Record, sentence: object) -> Sequence[Object]:
    tokens = sentence.get("tokens") if isinstance(sentence, dict) else None
    if not isinstance(tokens, list) or not all(
        isinstance(token, dict) and isinstance(token.get("orth"), str) and token["orth"]
        for token in tokens
    ):
        raise record.error("a sentence has no list of tokens with their 'orth'", _HINT)
    return tokens


def _annotated(record: Record, columns: Columns, shape: Shape) -> Annotated | Skip:
    fields, text = record.fields, record.fields.get("text")
    spans = fields.get("entities", fields.get("ents"))
    cats = fields.get("cats")
    own = {"text", "entities", "ents", "cats", "tokens", "paragraphs"}
    others = {name: value for name, value in fields.items() if name not in own}
    record = replace(record, fields=others)
    if shape is Shape.LABELS:
        if not cats:
            return _nothing(record, columns, text, others=Shape.SPANS if spans else None)
        return Annotated(record=record, text=text, found=label_of_cats(record, cats))
    labels = Shape.LABELS if cats else None
    if spans is None:
        return _nothing(record, columns, text, others=labels)
    return Annotated(record=record, text=text, found=_entities(record, spans), others=labels)


def _nothing(
    record: Record, columns: Columns, text: object, *, others: Shape | None
) -> Annotated | Skip:
    if others is not None:
        return Annotated(record=record, text=text, others=others)
    return unannotated(record, columns, text)


def _entities(record: Record, spans: object) -> tuple[Object, ...]:
    if not isinstance(spans, list):
        raise record.error("the entities are not a list", _PAIR_HINT)
    found = []
    for each in spans:
        if isinstance(each, list) and len(each) in (3, 4):
            each = dict(zip(("start", "end", "label"), each, strict=False))
        if not isinstance(each, dict):
            raise record.error("an entity is not [start, end, label]", _PAIR_HINT)
        found.append({name: each[name] for name in ("start", "end", "label") if name in each})
    return tuple(found)
