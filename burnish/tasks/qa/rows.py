"""Rows of question answering: a record becomes a question about a context."""

from __future__ import annotations

from burnish.data.columns import Columns
from burnish.data.fields import (
    ANSWER,
    read_answer,
    read_group,
    read_objects,
    read_text,
)
from burnish.data.records import Record, Skip
from burnish.data.subgroups import SubgroupReader
from burnish.tasks.qa.example import QAExample

__all__ = ["QABuilder"]


class QABuilder:
    """``{"context", "question", "answers": [{"text", "start"}]}``; no answers: there is none."""

    multi_label = False
    has_spans = True

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
        answers = read_objects(record, columns.answers, ANSWER)
        found = [read_answer(record, item, context) for item in answers]
        return QAExample(
            id=record.id,
            group=read_group(record, columns),
            subgroups=self._subgroups.read(record),
            context=context,
            question=question,
            answers=tuple(dict.fromkeys(found)),
        )
