"""Label Studio: its JSON and JSON-MIN exports (https://labelstud.io/guide/export).

Of several annotations of a task the one marked as ground truth is taken, else the first; tasks
that were skipped, or not annotated, are left out and counted. What two controls were set to, a
mood and a topic, is never put together: one control is read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from burnish.data.columns import Columns
from burnish.data.readers.annotations import (
    Annotated,
    annotated_records,
    read_list,
    strings,
    utf16_span,
)
from burnish.data.records import Record, Skip
from burnish.errors import DataError

__all__ = ["read_label_studio"]

Object = Mapping[str, object]

_HINT = "export the project as JSON (or JSON-MIN) again"


def read_label_studio(path: Path, columns: Columns, *, task: str) -> Iterator[Record | Skip]:
    """A project's annotated tasks.

    Raises:
        DataError: the file is no such export, a result is not what the task needs, or it is not
            clear which control holds the labels.
    """
    return annotated_records(_items(path, columns, task), columns, task=task)


@dataclass(frozen=True, slots=True)
class _Task:
    """A text, and what each control was set to."""

    record: Record
    text: str
    values: tuple[tuple[str, Object], ...]
    """A control's name and a value, in the order they were set."""


def _items(path: Path, columns: Columns, task: str) -> Iterator[Annotated | Skip]:
    tasks = []
    for record, item in read_list(path, "Label Studio"):
        place = replace(record, name=f"task {item.get('id', record.position)}")
        read = _full if "annotations" in item else _minimal
        tasks.append(read(place, item, columns, task))
    names = (name for each in tasks if isinstance(each, _Task) for name, _ in each.values)
    control = _control(path, dict.fromkeys(names), columns, task)
    for each in tasks:
        yield each if isinstance(each, Skip) else _annotated(each, control)


def _control(path: Path, names: Iterable[str], columns: Columns, task: str) -> str | None:
    """The control that is read; None where no control was set."""
    found = list(names)
    extraction = task == "extraction"
    wanted = [columns.entities] if extraction else _label_names(columns)
    named = [name for name in wanted if name in found]
    if not named and len(found) > 1:
        listed = ", ".join(map(repr, found))
        key = "data.entities: NAME" if extraction else "data.label: NAME"
        raise DataError(
            f"no control is called {wanted[0]!r}; there are: {listed}",
            f"say which holds the {'entities' if extraction else 'labels'}: {key}",
            file=path,
        )
    return next(iter([*named, *found]), None)


def _label_names(columns: Columns) -> list[str]:
    """Names of the labels' control: first what the recipe calls otherwise than burnish does."""
    usual = (Columns().label, Columns().labels)
    return sorted((columns.label, columns.labels), key=lambda name: name in usual)


def _full(record: Record, item: Object, columns: Columns, task: str) -> _Task | Skip:
    data, annotations = item.get("data"), item.get("annotations")
    if not isinstance(data, dict) or not isinstance(annotations, list):
        raise record.error("it has no 'data' object and 'annotations' list", _HINT)
    done = [a for a in annotations if isinstance(a, dict) and not a.get("was_cancelled")]
    if not done:
        return Skip(id=record.id, reason="no annotation")
    chosen = next((a for a in done if a.get("ground_truth")), done[0])
    results = chosen.get("result")
    if not isinstance(results, list):
        raise record.error("an annotation has no 'result' list", _HINT)
    values = [(str(r.get("from_name")), r.get("value")) for r in results if isinstance(r, dict)]
    given = [
        (name, value) for name, value in values if isinstance(value, dict) and _is_for(task, value)
    ]
    return _Task(replace(record, fields=data), _text(record, data, columns), tuple(given))


def _minimal(record: Record, item: Object, columns: Columns, task: str) -> _Task | Skip:
    names = [columns.entities] if task == "extraction" else []
    names = [name for name in (*names, *_label_names(columns)) if name in item]
    value = item[names[0]] if names else None
    text = _text(record, item, columns)
    if value is None:
        return Skip(id=record.id, reason="no annotation")
    spans = value if isinstance(value, list) else [value]
    given: list[Object] = [
        each if isinstance(each, dict) else {"choices": [each]} for each in spans
    ]
    values = tuple((names[0], each) for each in given if _is_for(task, each))
    return _Task(replace(record, fields=item), text, values)


def _is_for(task: str, value: Object) -> bool:
    if task == "extraction":
        return "start" in value and ("labels" in value or "hypertextlabels" in value)
    return "choices" in value


def _annotated(task: _Task, control: str | None) -> Annotated:
    record, text = task.record, task.text
    choices: list[str] = []
    spans: list[Object] = []
    for value in [value for name, value in task.values if name == control]:
        if "choices" in value:
            choices += strings(record, value["choices"], what="'choices'")
        else:
            spans += _spans(record, value, text)
    return Annotated(record=record, text=text, choices=tuple(choices), spans=tuple(spans))


def _spans(record: Record, value: Object, text: str) -> Iterator[Object]:
    start, end = value.get("start"), value.get("end")
    if not isinstance(start, int) or not isinstance(end, int):
        raise record.error("an entity's start or end is no whole number", _HINT)
    start, end = utf16_span(text, start, end, value.get("text"))
    covered = {"text": value["text"]} if isinstance(value.get("text"), str) else {}
    names = value.get("labels", value.get("hypertextlabels"))
    for label in strings(record, names, what="'labels'"):
        yield {"start": start, "end": end, "label": label, **covered}


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
            "say which holds it: data.text: NAME",
        )
    return value
