"""Rows of question answering: a record becomes a question about a context."""

from __future__ import annotations

from collections.abc import Mapping

from burnish.data.columns import Columns
from burnish.data.fields import (
    COUNTED,
    read_group,
    read_objects,
    read_offset,
    read_text,
    where_found,
)
from burnish.data.records import Record, Skip
from burnish.data.shifts import SpanForm
from burnish.data.subgroups import SubgroupReader
from burnish.tasks.qa.example import GoldAnswer, QAExample
from burnish.tasks.qa.fixes import fix_answers
from burnish.tasks.rows import TaskRows
from burnish.tasks.shapes import Shape

__all__ = ["ROWS", "QABuilder"]

_ANSWER = '{"text": "the answer", "start": 0}'
"""How one is written, for an error."""


class QABuilder:
    """``{"context", "question", "answers": [{"text", "start"}]}``; no answers: there is none."""

    multi_label = False

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self._subgroups = SubgroupReader(columns)

    def build(self, record: Record) -> QAExample | Skip:
        """The record's example, or why it has none."""
        columns = self._columns
        context = read_text(record, columns.context, recipe_key="context")
        question = read_text(record, columns.question, recipe_key="question")
        for name, value in (("context", context), ("question", question)):
            if not value.strip():
                return Skip(id=record.id, reason=f"empty {name}")
        answers = read_objects(record, columns.answers, _ANSWER)
        found = [_read_answer(record, item, context) for item in answers]
        return QAExample(
            id=record.id,
            place=record.place,
            group=read_group(record, columns),
            subgroups=self._subgroups.read(record),
            context=context,
            question=question,
            answers=tuple(dict.fromkeys(found)),
        )


def _read_answer(record: Record, item: Mapping[str, object], context: str) -> GoldAnswer:
    """A gold answer. Raises DataError where it is not what stands at its offset."""
    text = item.get("text")
    if not isinstance(text, str) or not text.strip():
        raise record.error(
            "an answer has no text", f"write each as {_ANSWER}; where there is no answer write []"
        )
    start = read_offset(record, item, "start")
    if start < 0 or context[start : start + len(text)] != text:
        raise record.error(
            f"the answer {text!r} is not at {start} in the context",
            f"correct start: {COUNTED}{where_found(context, text)}",
            kind="answer-not-at-offset",
        )
    return GoldAnswer(text, start)


ROWS = TaskRows(
    shape=Shape.ANSWERS,
    texts=lambda columns: (columns.context, columns.question),
    builder=QABuilder,
    fix=fix_answers,
    spans=lambda columns: SpanForm(
        text=columns.context,
        items=columns.answers,
        noun="answers",
        right="match the text",
        has_ends=False,
    ),
)
