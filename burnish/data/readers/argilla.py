"""Argilla: the JSON that ``dataset.records.to_json`` writes (Argilla 2).

The submitted responses are read, the first of several; suggestions are a model's, and are not.
Records without a response are left out and counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

from burnish.data.columns import Columns
from burnish.data.readers.annotations import (
    Annotated,
    annotated_records,
    strings,
    unannotated,
    wrong_shape,
)
from burnish.data.readers.jsonl import read_list
from burnish.data.records import Item, Object, Record, Skip, make_each
from burnish.tasks.shapes import Shape

__all__ = ["read_argilla"]


def read_argilla(path: Path, columns: Columns, *, shape: Shape) -> Iterator[Item]:
    """A dataset's answered records.

    Raises:
        DataError: the file is not such an export.
    """
    annotated = partial(_annotated, columns=columns, shape=shape)
    items = make_each(read_list(path, "write it with records.to_json again"), annotated)
    return annotated_records(items, columns, shape=shape)


def _annotated(record: Record, columns: Columns, shape: Shape) -> Annotated | Skip:
    item = record.fields
    place = replace(record, name=f"record {item.get('id') or record.position}")
    fields, responses = item.get("fields"), item.get("responses")
    if not isinstance(fields, dict) or not isinstance(responses, dict | None):
        raise place.error("it has no 'fields' and 'responses'", "write it with records.to_json")
    metadata = item.get("metadata")
    extra = metadata if isinstance(metadata, dict) else {}
    value = _value(place, responses or {}, columns, shape)
    place = replace(place, fields={**extra, **fields})
    text = _text(place, fields, columns)
    if value is None:
        return unannotated(place, columns, text)
    return Annotated(record=place, text=text, found=_READ[shape](place, value))


def _value(record: Record, responses: Object, columns: Columns, shape: Shape) -> object:
    """The answer to the question that asks for labels; None where nobody answered it."""
    wanted, *_ = questions = _QUESTIONS[shape](columns)
    names = [name for name in questions if name in responses]
    if not names and len(responses) > 1:
        listed = ", ".join(repr(name) for name in responses)
        raise record.error(
            f"there is no question {wanted!r}; there are: {listed}",
            "name the question of the labels: data.label (entities: data.entities, ratings: "
            "data.score)",
        )
    for given in [responses[name] for name in names or responses]:
        answers = given if isinstance(given, list) else []
        for answer in answers:
            status = answer.get("status") if isinstance(answer, dict) else "discarded"
            if status in (None, "submitted"):
                return answer.get("value")
    return None


def _text(record: Record, fields: Object, columns: Columns) -> object:
    texts = [value for value in fields.values() if isinstance(value, str)]
    if columns.text not in fields and len(texts) == 1:
        return texts[0]
    if columns.text not in fields:
        listed = ", ".join(repr(name) for name in fields)
        raise record.error(
            f"there is no field {columns.text!r}; there are: {listed}",
            "name the one with the text: data.text: NAME",
        )
    return fields[columns.text]


def _choices(record: Record, value: object) -> tuple[str, ...]:
    found = _shape_of(value)
    if found is not Shape.LABELS:
        raise record.error(*wrong_shape(Shape.LABELS, found))
    return strings(record, value, what="the response")


def _ratings(record: Record, value: object) -> tuple[object, ...]:
    found = _shape_of(value)
    if found is not Shape.SCORES:
        raise record.error(*wrong_shape(Shape.SCORES, found))
    return (value,)


def _shape_of(value: object) -> Shape:
    """What a response to a question holds."""
    if isinstance(value, list) and any(isinstance(each, dict) for each in value):
        return Shape.SPANS
    return Shape.SCORES if isinstance(value, int | float) else Shape.LABELS


def _spans(record: Record, value: object) -> tuple[Object, ...]:
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise record.error(
            "the response is not a list of spans", "name the question of the spans: data.entities"
        )
    return tuple(
        {name: item[name] for name in ("start", "end", "label") if name in item} for item in value
    )


_READ: Mapping[Shape, Callable[[Record, object], tuple[object, ...]]] = {
    Shape.LABELS: _choices,
    Shape.SPANS: _spans,
    Shape.SCORES: _ratings,
}
_QUESTIONS: Mapping[Shape, Callable[[Columns], tuple[str, ...]]] = {
    Shape.LABELS: lambda columns: (columns.label, columns.labels),
    Shape.SPANS: lambda columns: (columns.entities, columns.labels),
    Shape.SCORES: lambda columns: (columns.score,),
}
"""What the question may be called; the first is asked for."""
