"""Label Studio: its JSON and JSON-MIN exports (https://labelstud.io/guide/export).

Of several annotations of a task the one marked as ground truth is taken, else the first; tasks
that were skipped, or not annotated, are left out and counted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
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

__all__ = ["read_label_studio"]

Object = Mapping[str, object]

_HINT = "export the project as JSON (or JSON-MIN) again"


def read_label_studio(path: Path, columns: Columns, *, task: str) -> Iterator[Record | Skip]:
    """A project's annotated tasks.

    Raises:
        DataError: the file is no such export, or a result is not what the task needs.
    """
    return annotated_records(_items(path, columns), columns, task=task)


def _items(path: Path, columns: Columns) -> Iterator[Annotated | Skip]:
    for record, item in read_list(path, "Label Studio"):
        place = replace(record, name=f"task {item.get('id', record.position)}")
        yield (
            _full(place, item, columns) if "annotations" in item else _minimal(place, item, columns)
        )


def _full(record: Record, item: Object, columns: Columns) -> Annotated | Skip:
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
    values = [r.get("value") for r in results if isinstance(r, dict)]
    given = [value for value in values if isinstance(value, dict)]
    return _annotated(replace(record, fields=data), _text(record, data, columns), given)


def _minimal(record: Record, item: Object, columns: Columns) -> Annotated | Skip:
    value = item.get(columns.label, item.get(columns.labels))
    text = _text(record, item, columns)
    if value is None:
        return Skip(id=record.id, reason="no annotation")
    spans = value if isinstance(value, list) else [value]
    given: list[Object] = [
        each if isinstance(each, dict) else {"choices": [each]} for each in spans
    ]
    return _annotated(record, text, given)


def _annotated(record: Record, text: str, values: Sequence[Object]) -> Annotated:
    choices: list[str] = []
    spans: list[Object] = []
    for value in values:
        if "choices" in value:
            choices += strings(record, value["choices"], what="'choices'")
        elif "start" in value and ("labels" in value or "hypertextlabels" in value):
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
            "say which holds it: data.text, or --text NAME",
        )
    return value
