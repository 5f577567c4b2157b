"""Builders: a record becomes a checked example; one builder a task."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from itertools import pairwise
from typing import Protocol

from burnish.data.columns import Columns
from burnish.data.examples import (
    ClassificationExample,
    Example,
    ExtractionExample,
    GoldAnswer,
    QAExample,
    Span,
)
from burnish.data.label_columns import read_label_columns
from burnish.data.label_forms import label_text, printed_list
from burnish.data.records import (
    Record,
    Skip,
    UnlabelledError,
    missing_column,
    require_unicode,
    whole_number,
)
from burnish.data.source import MAX_ROW_BYTES, TOO_LONG
from burnish.data.subgroups import SubgroupReader
from burnish.errors import DataError

__all__ = ["BUILDERS", "Builder"]


class Builder(Protocol):
    """Makes examples of records; ``multi_label`` is known once a record was built."""

    multi_label: bool
    has_spans: bool
    """Its examples hold offsets."""

    def build(self, record: Record) -> Example | Skip:
        """The record's example, or why it has none. Raises DataError where it is wrong."""


class ClassificationBuilder:
    """``{"text", "label"}`` or ``{"text", "labels": […]}``, one of the two in a whole file."""

    has_spans = False

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self._subgroups = SubgroupReader(columns)
        self._form = ""
        self._form_id = ""
        self.multi_label = False

    def build(self, record: Record) -> ClassificationExample | Skip:
        """The record's example, or why it has none."""
        text = _text(record, self._columns.text, recipe_key="text")
        if not text.strip():
            return Skip(id=record.id, reason="empty text")
        named = self._labels(record)
        return ClassificationExample(
            id=record.id,
            group=_group(record, self._columns),
            subgroups=self._subgroups.read(record),
            text=text,
            labels=named,
        )

    def _labels(self, record: Record) -> tuple[str, ...]:
        if self._columns.label_columns:
            self.multi_label = True
            return read_label_columns(record, self._columns.label_columns)
        column = self._label_column(record)
        several = column == self._columns.labels or self._columns.separator is not None
        value = record.fields[column]
        if _is_blank(value) and self._columns.separator is None:
            raise _unlabelled(record)
        return self._several(record, value) if several else (self._label(record, value),)

    def _label(self, record: Record, value: object) -> str:
        return _label(record, value, no_label=self._columns.no_label)

    def _label_column(self, record: Record) -> str:
        names = self._columns.label, self._columns.labels
        present = [name for name in names if record.fields.get(name) is not None]
        if not present:
            if any(name in record.fields for name in names):
                raise _unlabelled(record)
            message, hint = missing_column(names[0], record.fields, recipe_key="label")
            if isinstance(record.fields.get(self._columns.entities), list):
                hint = "rows with entities are for another task: say --task extraction, in a "
                hint += "recipe task: extraction"
            raise record.error(message, hint, of=UnlabelledError)
        form = " and ".join(repr(name) for name in present)
        if len(present) > 1:
            raise record.error(f"the row has {form}", "keep one of the two in the whole file")
        if self._form not in ("", form):
            raise record.error(
                f"the row has {form}, but {self._form_id} has {self._form}",
                f"in every row use {names[1]!r} (a list), or {names[0]!r} (one string)",
            )
        if not self._form:
            self._form, self._form_id = form, record.id
            separated = self._columns.separator is not None
            self.multi_label = present[0] == names[1] or separated
        return present[0]

    def _several(self, record: Record, value: object) -> tuple[str, ...]:
        separator = self._columns.separator
        if isinstance(value, str):
            _refuse_printed(record, value)
            if separator is None:
                raise record.error(
                    f"{self._columns.labels!r} is one string, not a list of labels",
                    'name what separates the labels, for example data.separator: "|"',
                )
            parts = (part.strip() for part in value.split(separator))
            return tuple(sorted({self._label(record, part) for part in parts if part}))
        if not isinstance(value, list):
            raise record.error(
                f"the labels are {_type(value)}, not a list of strings", 'write ["one", "two"]'
            )
        return tuple(sorted({self._label(record, label) for label in value}))


class ExtractionBuilder:
    """``{"text", "entities": [{"start", "end", "label"}]}``, entities in any order."""

    multi_label = False
    has_spans = True

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self._subgroups = SubgroupReader(columns)

    def build(self, record: Record) -> ExtractionExample | Skip:
        """The record's example, or why it has none."""
        text = _text(record, self._columns.text, recipe_key="text")
        if not text.strip():
            return Skip(id=record.id, reason="empty text")
        entities = [
            _span(record, item, text, no_label=self._columns.no_label)
            for item in _objects(record, self._columns.entities, _ENTITY)
        ]
        entities.sort(key=lambda span: (span.start, span.end))
        for before, after in pairwise(entities):
            if after.start < before.end:
                raise record.error(
                    f"entities {before.start}-{before.end} {before.label!r} and "
                    f"{after.start}-{after.end} {after.label!r} overlap",
                    "keep one of them: entities may touch, but not overlap",
                    kind="overlapping-entities",
                )
        return ExtractionExample(
            id=record.id,
            group=_group(record, self._columns),
            subgroups=self._subgroups.read(record),
            text=text,
            entities=tuple(entities),
        )


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
        context = _text(record, columns.context, recipe_key="context")
        question = _text(record, columns.question, recipe_key="question")
        for name, value in (("context", context), ("question", question)):
            if not value.strip():
                return Skip(id=record.id, reason=f"empty {name}")
        answers = _objects(record, columns.answers, _ANSWER)
        found = [_answer(record, item, context) for item in answers]
        return QAExample(
            id=record.id,
            group=_group(record, columns),
            subgroups=self._subgroups.read(record),
            context=context,
            question=question,
            answers=tuple(dict.fromkeys(found)),
        )


BUILDERS: Mapping[str, Callable[[Columns], Builder]] = {
    "classification": ClassificationBuilder,
    "extraction": ExtractionBuilder,
    "qa": QABuilder,
}

_ENTITY = '{"start": 0, "end": 5, "label": "person"}'
_ANSWER = '{"text": "the answer", "start": 0}'
_OFFSETS = "offsets count Unicode code points from 0"


def _text(record: Record, column: str, *, recipe_key: str) -> str:
    if column not in record.fields:
        raise record.error(*missing_column(column, record.fields, recipe_key=recipe_key))
    value = record.fields[column]
    if value is None:
        return ""
    if not isinstance(value, str):
        raise record.error(f"{column!r} is {_type(value)}, not a string", "put it in quotes")
    return _clean(record, column, value)


def _clean(record: Record, column: str, value: str) -> str:
    if len(value) > MAX_ROW_BYTES:
        raise record.error(f"{column!r} is too long: {TOO_LONG[0]}", TOO_LONG[1])
    return require_unicode(record, column, value)


def _label(record: Record, value: object, *, no_label: Collection[str]) -> str:
    label = label_text(value)
    if label is None:
        lists = "several labels of a row stand in a list under 'labels'"
        named = "a label is a name: write each number as the class that it stands for"
        hint = lists if isinstance(value, list) else named
        raise record.error(f"a label is {_type(value)}, not a string", hint)
    label = _clean(record, "label", label)
    _refuse_printed(record, label)
    if not label:
        raise record.error("a label is empty", "write it, or remove it", kind="no-label")
    if label in no_label:
        raise _unlabelled(record, label)
    return label


def _refuse_printed(record: Record, text: str) -> None:
    labels = printed_list(text)
    if labels is None:
        return
    one = f"write {labels[0]}" if len(labels) == 1 else 'write the list as JSON: ["one", "two"]'
    raise record.error(
        f"{text!r} is a list that was printed as text, not a label",
        f"{one}; burnish check --fix does so in a copy of the file",
        kind="printed-label",
    )


def _is_blank(value: object) -> bool:
    """Whether a cell of labels says nothing; an empty list says that none applies."""
    if isinstance(value, list):
        return bool(value) and all(map(_is_blank, value))
    return value is None or (isinstance(value, str) and not value.strip())


def _unlabelled(record: Record, mark: str = "", *, what: str = "a label") -> DataError:
    hint = f"give it {what}, or remove the row, or say data.unlabelled: leave_out"
    message = "the row has no label"
    if mark:
        message = f"{mark!r} is no label"
        hint += "; if it is a class, say data.no_label: ''"
    return record.error(message, hint, kind="no-label", of=UnlabelledError)


def _group(record: Record, columns: Columns) -> str | None:
    if columns.group is None:
        return None
    if columns.group not in record.fields:
        raise record.error(*missing_column(columns.group, record.fields, recipe_key="group"))
    value = record.fields[columns.group]
    if isinstance(value, bool) or not isinstance(value, str | int) or value == "":
        message = f"the group {columns.group!r} is {_type(value)}"
        raise record.error(message, "give the row a group: a string or a whole number")
    return _clean(record, columns.group, str(value))


def _objects(record: Record, column: str, shape: str) -> list[Mapping[str, object]]:
    if column not in record.fields:
        message, hint = missing_column(column, record.fields, recipe_key=column)
        raise record.error(message, f"{hint}; a row with none has an empty list: {column!r}: []")
    value = record.fields[column]
    if value is None:
        raise _unlabelled(record, what=f"an empty list where there is none: {column!r}: []")
    if not isinstance(value, list):
        raise record.error(f"{column!r} is {_type(value)}, not a list", f"write [{shape}], or []")
    for item in value:
        if not isinstance(item, dict):
            raise record.error(f"{column!r} holds {_type(item)}", f"write each as {shape}")
    return value


def _span(
    record: Record, item: Mapping[str, object], text: str, *, no_label: Collection[str]
) -> Span:
    start, end = _offset(record, item, "start"), _offset(record, item, "end")
    if not 0 <= start < end <= len(text):
        raise record.error(
            f"an entity from {start} to {end} does not lie in the text, which has "
            f"{len(text)} characters",
            f"{_OFFSETS}, end exclusive: 0 <= start < end <= {len(text)}",
            kind="span-outside-text",
        )
    covered = item.get("text", item.get("word"))
    if isinstance(covered, str) and covered != text[start:end]:
        raise record.error(
            f"the entity {covered!r} is not what stands from {start} to {end}: {text[start:end]!r}",
            f"correct start and end: {_OFFSETS}, end exclusive{_where(text, covered)}",
            kind="entity-text-mismatch",
        )
    if "label" not in item:
        raise record.error("an entity has no label", f"write each as {_ENTITY}", kind="no-label")
    return Span(start, end, _label(record, item["label"], no_label=no_label))


def _answer(record: Record, item: Mapping[str, object], context: str) -> GoldAnswer:
    text = item.get("text")
    if not isinstance(text, str) or not text.strip():
        raise record.error(
            "an answer has no text", f"write each as {_ANSWER}; where there is no answer write []"
        )
    start = _offset(record, item, "start")
    if start < 0 or context[start : start + len(text)] != text:
        raise record.error(
            f"the answer {text!r} does not stand at {start} of the context",
            f"correct start: {_OFFSETS}{_where(context, text)}",
            kind="answer-not-at-offset",
        )
    return GoldAnswer(text, start)


def _where(text: str, part: str) -> str:
    found = text.find(part)
    return "" if found < 0 else f"; it is found at {found}"


def _offset(record: Record, item: Mapping[str, object], name: str) -> int:
    value = item.get(name)
    if isinstance(value, bool) or not isinstance(value, int):
        found = _type(value) if name in item else "absent"
        hint = _OFFSETS
        if whole_number(value) is not None:
            hint = "write the number without quotes or decimals (--fix does)"
        raise record.error(f"{name!r} is {found}, not a whole number", hint)
    return value


def _type(value: object) -> str:
    names = {type(None): "null", bool: "true or false", int: "a number", float: "a number"}
    names |= {str: "an empty string" if value == "" else "a string"}
    return (names | {list: "a list", dict: "an object"}).get(type(value), "of another type")
