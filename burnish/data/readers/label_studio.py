"""Label Studio: its JSON and JSON-MIN exports (https://labelstud.io/guide/export).

If a task has several annotations, the one marked as ground truth is read, else the first. Tasks
that were skipped or not annotated are left out and counted. Only one control is read: the values
of two, such as a mood and a topic, are never combined.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from burnish.data.columns import Columns
from burnish.data.readers.annotations import (
    Annotated,
    annotated_records,
    strings,
    unannotated,
    utf16_span,
    wrong_shape,
)
from burnish.data.readers.jsonl import read_list
from burnish.data.records import Item, Object, Record, Skip, make_each
from burnish.errors import DataError
from burnish.tasks.shapes import Shape

__all__ = ["read_label_studio"]


_PLAIN = (
    "import html, json, re; "
    'text = lambda t: html.unescape(re.sub("<[^>]*>", "", '
    'max((v for v in t["data"].values() if isinstance(v, str)), key=len))); '
    'at = lambda r: {{**r["value"]["globalOffsets"], "text": r["value"]["text"], '
    '"label": r["value"]["hypertextlabels"][0]}}; '
    '[print(json.dumps({{"text": text(t), '
    '"entities": [at(r) for r in t["annotations"][0]["result"] '
    'if "globalOffsets" in r["value"]]}})) '
    'for t in json.load(open({name}, encoding="utf-8-sig")) if t["annotations"]]'
)
_HINT = "export the project as JSON (or JSON-MIN) again"
_NO_CONTROLS = {"id", "annotator", "annotation_id", "created_at", "updated_at", "lead_time"}
"""Columns that JSON-MIN adds."""


def read_label_studio(path: Path, columns: Columns, *, shape: Shape) -> Iterator[Item]:
    """A project's annotated tasks.

    Raises:
        DataError: the file is not such an export, or several controls may hold the labels.
    """
    return annotated_records(_items(path, columns, shape), columns, shape=shape)


@dataclass(frozen=True, slots=True)
class _Row:
    """A text, and what each control was set to."""

    record: Record
    text: str
    values: tuple[tuple[str, Object], ...]
    """A control's name and a value, in the order they were set."""
    others: Shape | None = None
    """Another shape, of which a control was set to a value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Form:
    """How the tool writes what a shape holds."""

    controls: Callable[[Columns], list[str]]
    """What its control may be called."""
    named: str
    """What it holds, and the key that names it, for a hint."""
    holds: Callable[[Object], bool]
    """Whether a control's value is such."""
    read: Callable[[Record, Object, str], Iterable[object]]
    """What such a value says of a text."""


def _label_names(columns: Columns) -> list[str]:
    """Names that the labels' control may have; those that the recipe sets come first."""
    usual = (Columns().label, Columns().labels)
    return sorted((columns.label, columns.labels), key=lambda name: name in usual)


def _items(path: Path, columns: Columns, shape: Shape) -> Iterator[Annotated | Skip | DataError]:
    def parsed(record: Record) -> _Row | Skip:
        item = record.fields
        place = replace(record, name=f"task {item.get('id', record.position)}")
        read = _full if "annotations" in item else _minimal
        return read(place, item, columns, shape)

    records = list(read_list(path, _HINT))
    columns = _named_control(path, records, columns, shape)
    tasks = list(make_each(records, parsed))
    read = [each for each in tasks if isinstance(each, _Row)]
    others = next((each.others for each in read if each.others), None)
    if others is not None and not any(each.values for each in read):
        raise DataError(*wrong_shape(shape, others), file=path)
    names = (name for each in tasks if isinstance(each, _Row) for name, _ in each.values)
    control = _control(path, dict.fromkeys(names), columns, shape)
    for each in tasks:
        yield _annotated(each, control, shape) if isinstance(each, _Row) else each


def _control(path: Path, names: Iterable[str], columns: Columns, shape: Shape) -> str | None:
    """The control that is read; None where no control was set."""
    found = list(names)
    named = [name for name in _FORMS[shape].controls(columns) if name in found]
    if not named and len(found) > 1:
        _ask(path, found, columns, shape)
    return next(iter([*named, *found]), None)


def _ask(path: Path, found: Sequence[str], columns: Columns, shape: Shape) -> None:
    """Ask which control holds the labels, where there is any.

    Raises:
        DataError: there is one or more.
    """
    if found:
        wanted, *_ = _FORMS[shape].controls(columns)
        raise DataError(
            f"there is no control {wanted!r}; there are: {', '.join(map(repr, found))}",
            f"name the one with the {_FORMS[shape].named}: NAME",
            file=path,
        )


def _named_control(
    path: Path, records: Sequence[Record | DataError], columns: Columns, shape: Shape
) -> Columns:
    """The columns of a JSON-MIN export, whose controls are columns among those of the data.

    Raises:
        DataError: no task has the column that is wanted, and others may be meant.
    """
    rows = [each.fields for each in records if isinstance(each, Record)]
    wanted = {*_label_names(columns), columns.entities}
    if shape is Shape.SCORES:
        wanted = {columns.score}
    if any("annotations" in row or wanted & row.keys() for row in rows):
        return columns
    found = {
        name: None
        for row in rows
        for name, value in row.items()
        if name not in _NO_CONTROLS | {columns.text} and _may_be_set(value, shape)
    }
    if shape is Shape.SPANS and len(found) == 1:
        return replace(columns, entities=next(iter(found)))
    if shape is Shape.SCORES and len(found) == 1:
        return replace(columns, score=next(iter(found)))
    _ask(path, list(found), columns, shape)
    return columns


def _may_be_set(value: object, shape: Shape) -> bool:
    """Whether a JSON-MIN value may be what a control was set to."""
    values = value if isinstance(value, list) else [value]
    objects = [each for each in values if isinstance(each, dict)]
    if shape is Shape.SPANS or objects:
        return any(map(_FORMS[shape].holds, objects))
    if shape is Shape.SCORES:
        return any(_is_number(each) for each in values)
    return any(isinstance(each, str) for each in values)


def _full(record: Record, item: Object, columns: Columns, shape: Shape) -> _Row | Skip:
    data, annotations = item.get("data"), item.get("annotations")
    if not isinstance(data, dict) or not isinstance(annotations, list):
        raise record.error("it has no 'data' object and 'annotations' list", _HINT)
    done = [a for a in annotations if isinstance(a, dict) and not a.get("was_cancelled")]
    if not done:
        return unannotated(replace(record, fields=data), columns, _text(record, data, columns))
    chosen = next((a for a in done if a.get("ground_truth")), done[0])
    results = chosen.get("result")
    if not isinstance(results, list):
        raise record.error("an annotation has no 'result' list", _HINT)
    values = [(str(r.get("from_name")), r.get("value")) for r in results if isinstance(r, dict)]
    holds = _FORMS[shape].holds
    given = [(name, value) for name, value in values if isinstance(value, dict) and holds(value)]
    others = _other(shape, [value for _, value in values if isinstance(value, dict)])
    text = _text(record, data, columns)
    return _Row(replace(record, fields=data), text, tuple(given), others)


def _minimal(record: Record, item: Object, columns: Columns, shape: Shape) -> _Row | Skip:
    wanted = _FORMS[shape].controls(columns)
    wanted = wanted if shape is Shape.SCORES else [*wanted, *_label_names(columns)]
    names = [name for name in wanted if name in item]
    value = item[names[0]] if names else None
    text = _text(record, item, columns)
    if value is None:
        return unannotated(record, columns, text)
    spans = value if isinstance(value, list) else [value]
    given: list[Object] = [
        each if isinstance(each, dict) else {"number" if _is_number(each) else "choices": [each]}
        for each in spans
    ]
    values = tuple((names[0], each) for each in given if _FORMS[shape].holds(each))
    return _Row(replace(record, fields=item), text, values, _other(shape, given))


def _other(shape: Shape, values: Sequence[Object]) -> Shape | None:
    """The first other shape that a control was set to a value of."""
    others = {each: form for each, form in _FORMS.items() if each is not shape}
    found = (each for value in values for each, form in others.items() if form.holds(value))
    return next(found, None)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _annotated(task: _Row, control: str | None, shape: Shape) -> Annotated | DataError:
    record, text = task.record, task.text
    found: list[object] = []
    try:
        for value in [value for name, value in task.values if name == control]:
            found += _FORMS[shape].read(record, value, text)
    except DataError as error:
        return error
    return Annotated(record=record, text=text, found=tuple(found))


def _choices(record: Record, value: Object, _: str) -> Sequence[str]:
    return strings(record, value["choices"], what="'choices'")


def _scores(_: Record, value: Object, __: str) -> Iterator[object]:
    given = value.get("rating", value.get("number"))
    yield given[0] if isinstance(given, list) else given


def _spans(record: Record, value: Object, text: str) -> Iterator[Object]:
    start, end = value.get("start"), value.get("end")
    if isinstance(start, str) and "globalOffsets" in value:
        script = shlex.quote(_PLAIN.format(name=json.dumps(str(record.path))))
        raise record.error(
            "an entity lies in HTML (HyperText): its place is a path, not an offset",
            f"write the texts without tags: python3 -c {script} > rows.jsonl",
        )
    if isinstance(start, int) and isinstance(end, int):
        start, end = utf16_span(text, start, end, value.get("text"))
    covered = {"text": value["text"]} if isinstance(value.get("text"), str) else {}
    names = value.get("labels", value.get("hypertextlabels"))
    for label in strings(record, names, what="'labels'"):
        yield {"start": start, "end": end, "label": label, **covered}


_FORMS: Mapping[Shape, _Form] = {
    Shape.LABELS: _Form(
        controls=_label_names,
        named="labels: data.label",
        holds=lambda value: "choices" in value,
        read=_choices,
    ),
    Shape.SPANS: _Form(
        controls=lambda columns: [columns.entities],
        named="entities: data.entities",
        holds=lambda value: "start" in value and bool({"labels", "hypertextlabels"} & value.keys()),
        read=_spans,
    ),
    Shape.SCORES: _Form(
        controls=lambda columns: [columns.score],
        named="ratings: data.score",
        holds=lambda value: "start" not in value and bool({"rating", "number"} & value.keys()),
        read=_scores,
    ),
}


def _text(record: Record, data: Object, columns: Columns) -> str:
    """The column of the text, or the only string there is."""
    value = data.get(columns.text)
    texts = [each for each in data.values() if isinstance(each, str)]
    if value is None and len(texts) == 1 and "annotator" not in data:
        value = texts[0]
    if not isinstance(value, str):
        names = ", ".join(repr(name) for name in data)
        raise record.error(
            f"there is no text under {columns.text!r}; there are: {names}",
            "name the field with the text: data.text: NAME",
        )
    return value
