"""Questions in lists: parts of SQuAD's document, flat rows, and the labels of Haystack.

An article, a paragraph or a question is an object of a list, or a line. Answers may be strings,
objects or columns, with or without where they begin. An answer without its place is looked for in
the context, and is an error unless it is there once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from burnish.data.columns import Columns
from burnish.data.readers.jsonl import read_jsonl
from burnish.data.readers.squad import paragraph_questions, parts
from burnish.data.records import Item, Object, Record, Skip
from burnish.errors import DataError

__all__ = ["is_question_list", "read_question_lists"]

_HINT = 'write {"context": …, "question": …, "answers": [{"text": …, "answer_start": …}]}'
_STARTS = ("answer_start", "start", "answer_starts", "starts")
_TEXTS = ("answer", "answer_text")
"""The column of one answer."""


def is_question_list(row: Mapping[str, object], columns: Columns) -> bool:
    """Whether an object is of one of these forms, and not of burnish's own."""
    if {"qas", "paragraphs"} & row.keys() or _is_haystack(row):
        return True
    given = row.get(columns.answers)
    if isinstance(given, list):
        return any(
            isinstance(each, str) or (isinstance(each, dict) and "start" not in each)
            for each in given
        )
    if isinstance(given, dict):  # two lists are columns, which have a reader of their own
        return not all(isinstance(given.get(name), list) for name in ("text", "answer_start"))
    alone = any(name in row for name in (*_TEXTS, "answer_start"))
    return isinstance(given, str) or (given is None and columns.question in row and alone)


def read_question_lists(path: Path, columns: Columns) -> Iterator[Item]:
    """A file's questions, each a record; one that is wrong is a DataError in its place."""
    for item in read_jsonl(path, columns):
        if not isinstance(item, Record):
            yield item
        elif "paragraphs" in item.fields:
            for paragraph in parts(item, item.fields, "paragraphs", "paragraph"):
                yield from _of_paragraph(paragraph, item.fields, columns)
        elif "qas" in item.fields:
            yield from _of_paragraph(item, {}, columns)
        else:
            yield _flat(item, columns)


def _of_paragraph(
    paragraph: Record | DataError, article: Object, columns: Columns
) -> Iterator[Item]:
    if isinstance(paragraph, DataError):
        yield paragraph
    else:
        yield from paragraph_questions(paragraph, article, columns)


def _flat(record: Record, columns: Columns) -> Item:
    try:
        if _is_haystack(record.fields):
            return _of_label(record, columns)
        context = record.fields.get(columns.context)
        return _with(record, columns, _answers(record, context, columns))
    except DataError as error:
        return error


def _with(record: Record, columns: Columns, answers: list[Object], **more: object) -> Record:
    return replace(record, fields={**record.fields, **more, columns.answers: answers})


def _answers(record: Record, context: object, columns: Columns) -> list[Object]:
    """The answers of a flat row in the native form."""
    fields = record.fields
    names = (columns.answers, *_TEXTS)
    given = next((fields[name] for name in names if fields.get(name) is not None), None)
    starts = next((fields[name] for name in _STARTS if fields.get(name) is not None), None)
    if isinstance(given, dict):
        starts = next((given[name] for name in _STARTS if given.get(name) is not None), starts)
        given = given.get("text")
    texts = given if isinstance(given, list) else [] if given is None else [given]
    places = starts if isinstance(starts, list) else [] if starts is None else [starts]
    if places and len(places) != len(texts):
        raise record.error(f"there are {len(texts)} answers and {len(places)} starts", _HINT)
    places = places or [None] * len(texts)
    pairs = [_split(each, place) for each, place in zip(texts, places, strict=True)]
    return [_answer(record, context, text, at) for text, at in pairs if not _is_none(text)]


def _split(each: object, place: object) -> tuple[object, object]:
    """An answer's text and start, where it is an object or a string."""
    if not isinstance(each, dict):
        return each, place
    text = next((each[name] for name in ("text", *_TEXTS) if each.get(name) is not None), None)
    start = next((each[name] for name in _STARTS if each.get(name) is not None), place)
    return text, start


def _is_none(text: object) -> bool:
    """Whether it says that there is no answer."""
    return text is None or (isinstance(text, str) and not text.strip())


def _answer(record: Record, context: object, text: object, start: object) -> Object:
    if start is not None or not isinstance(text, str) or not isinstance(context, str):
        return {"text": text, "start": start}
    times = context.count(text)
    if times == 1:
        return {"text": text, "start": context.index(text)}
    if times == 0:
        raise record.error(
            f"the answer {text!r} is not in the context",
            "write it as it stands there, in case and spaces",
            kind="answer-not-at-offset",
        )
    raise record.error(
        f"the answer {text!r} is {times} times in the context, and nothing says where",
        'say which one it is: "answer_start": 0',
        kind="answer-not-at-offset",
    )


def _is_haystack(row: Mapping[str, object]) -> bool:
    return "query" in row and isinstance(row.get("document"), dict)


def _of_label(record: Record, columns: Columns) -> Record | Skip:
    """A label of Haystack 1: a query, a document, and an answer with its offsets in it."""
    fields = record.fields
    document, answer = fields["document"], fields.get("answer")
    assert isinstance(document, dict)  # noqa: S101  _is_haystack
    if fields.get("is_correct_answer") is False:
        return Skip(id=record.id, reason="marked as a wrong answer")
    more = {columns.context: document.get("content"), columns.question: fields["query"]}
    if fields.get("no_answer") is True or not isinstance(answer, dict):
        return _with(record, columns, [], **more)
    text = answer.get("answer")
    if _is_none(text):
        return _with(record, columns, [], **more)
    places = answer.get("offsets_in_document") or answer.get("document_offsets") or [None]
    first = places[0] if isinstance(places, list) else None
    start = first.get("start") if isinstance(first, dict) else None
    found = _answer(record, document.get("content"), text, start)
    return _with(record, columns, [found], **more)
