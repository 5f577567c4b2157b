"""SQuAD 1.1 and 2.0: one nested JSON document of articles, paragraphs and questions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from burnish.data.columns import Columns
from burnish.data.records import Record, Skip, parse_json
from burnish.data.source import read_lines
from burnish.errors import DataError

__all__ = ["read_squad"]

Object = Mapping[str, object]


def read_squad(path: Path, columns: Columns) -> Iterator[Record | Skip]:
    """A document's questions. The document is one JSON value and is read whole.

    Raises:
        DataError: it is not JSON, or not of SQuAD's shape; names the question.
    """
    text = "".join(line for _, line in read_lines(path))
    document = parse_json(text, path=path, line=None)
    for article_number, article in _list(path, document, "data", where="the document"):
        where = f"article {article_number}"
        for paragraph_number, paragraph in _list(path, article, "paragraphs", where=where):
            inside = f"{where}, paragraph {paragraph_number}"
            for number, question in _list(path, paragraph, "qas", where=inside):
                name = f"question {question.get('id') or f'{number} of {inside}'}"
                fields = {"title": article.get("title", "")}
                fields |= _renamed(paragraph, "context", columns.context)
                fields |= _renamed(question, "question", columns.question)
                fields |= {columns.answers: _answers(path, question, name=name)}
                position = f"{article_number}.{paragraph_number}.{number}"
                yield Record(path=path, line=None, position=position, fields=fields, name=name)


def _list(path: Path, owner: object, key: str, *, where: str) -> Iterator[tuple[int, Object]]:
    value = owner.get(key) if isinstance(owner, dict) else None
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise DataError(
            f"{where} has no list {key!r} of objects",
            "SQuAD has data → paragraphs → context and qas → question and answers",
            file=path,
        )
    return enumerate(value, start=1)


def _renamed(owner: Object, key: str, column: str) -> dict[str, object]:
    return {column: owner[key]} if key in owner else {}


def _answers(path: Path, question: Object, *, name: str) -> list[Object]:
    answers = question.get("answers", [])
    if not isinstance(answers, list) or not all(isinstance(item, dict) for item in answers):
        hint = 'write [{"text": "the answer", "answer_start": 0}], or []'
        raise DataError(f"{name}: 'answers' is not a list of objects", hint, file=path)
    if question.get("is_impossible") is True and answers:
        hint = "empty its answers, or set is_impossible to false"
        raise DataError(f"{name} is impossible, yet it has answers", hint, file=path)
    return [{"text": item.get("text"), "start": item.get("answer_start")} for item in answers]
