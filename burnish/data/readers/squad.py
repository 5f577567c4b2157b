"""SQuAD 1.1 and 2.0: one nested JSON document of articles, paragraphs and questions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from burnish.data.columns import Columns
from burnish.data.records import Item, Object, Record, parse_json
from burnish.data.source import read_document
from burnish.errors import DataError

__all__ = ["paragraph_questions", "parts", "read_squad"]


_HINT = "SQuAD has data → paragraphs → context and qas → question and answers"


def read_squad(path: Path, columns: Columns) -> Iterator[Item]:
    """A document's questions. The document is one JSON value and is read whole.

    An article, paragraph or question that is not of SQuAD's shape is a DataError in its place.

    Raises:
        DataError: it is not JSON, or no document of SQuAD's.
    """
    text = read_document(path)
    document = Record(path=path, line=None, position="", fields={}, name="the document")
    for article in parts(
        document, parse_json(text, path=path, line=None, hint=_HINT), "data", "article"
    ):
        if isinstance(article, DataError):
            if article.row == document.id:
                raise article
            yield article
            continue
        for paragraph in parts(article, article.fields, "paragraphs", "paragraph"):
            if isinstance(paragraph, DataError):
                yield paragraph
                continue
            yield from paragraph_questions(paragraph, article.fields, columns)


def paragraph_questions(paragraph: Record, article: Object, columns: Columns) -> Iterator[Item]:
    """The questions of a paragraph, each in the native form."""
    for question in parts(paragraph, paragraph.fields, "qas", "question"):
        yield _native(question, (article, paragraph.fields), columns)


def parts(owner: Record, value: object, key: str, what: str) -> Iterator[Record | DataError]:
    """The objects of a list, each as a record of its fields, named by its place in the document."""
    given = value.get(key) if isinstance(value, dict) else None
    if not isinstance(given, list):
        yield owner.error(f"it has no list {key!r}", _HINT)
        return
    above = owner.position and owner.name
    for number, item in enumerate(given, start=1):
        place = Record(
            path=owner.path,
            line=owner.line,
            position=f"{owner.position}.{number}" if owner.position else str(number),
            fields=item if isinstance(item, dict) else {},
            name=", ".join([owner.name, f"{what} {number}"] if above else [f"{what} {number}"]),
        )
        yield place if isinstance(item, dict) else place.error("it is not an object", _HINT)


def _native(
    question: Record | DataError, above: tuple[Object, Object], columns: Columns
) -> Record | DataError:
    if isinstance(question, DataError):
        return question
    (article, paragraph), given = above, question.fields
    if given.get("id"):
        question = replace(question, name=f"question {given['id']}")
    fields = {"title": article.get("title", "")}
    fields |= _renamed(paragraph, "context", columns.context)
    fields |= _renamed(given, "question", columns.question)
    try:
        fields |= {columns.answers: _answers(question)}
    except DataError as error:
        return error
    return replace(question, fields=fields)


def _renamed(owner: Object, key: str, column: str) -> dict[str, object]:
    return {column: owner[key]} if key in owner else {}


def _answers(question: Record) -> list[Object]:
    answers = question.fields.get("answers", [])
    if not isinstance(answers, list) or not all(isinstance(item, dict) for item in answers):
        hint = 'write [{"text": "the answer", "answer_start": 0}], or []'
        raise question.error("'answers' is not a list of objects", hint)
    if question.fields.get("is_impossible") is True and answers:
        hint = "empty its answers, or set is_impossible to false"
        raise question.error("it is marked impossible but has answers", hint)
    return [{"text": item.get("text"), "start": item.get("answer_start")} for item in answers]
