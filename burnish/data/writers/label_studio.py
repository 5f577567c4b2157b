"""Label Studio: its JSON tasks with predictions (https://labelstud.io/guide/predictions).

The controls are called as in the tool's own templates: ``label`` on the text ``text``. Offsets
count UTF-16 units, as a browser does.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from burnish.data.writers.files import staged_text
from burnish.data.writers.rows import NotedRow, Project, checked_rows
from burnish.data.writers.utf16 import utf16_offsets
from burnish.tasks.marks import LabelMark, SpanMark
from burnish.tasks.shapes import Shape

__all__ = ["label_studio_task", "write_label_studio"]

_CONTROL, _OBJECT = "label", "text"
Result = dict[str, object]


def write_label_studio(rows: Iterable[NotedRow], path: Path, *, project: Project) -> int:
    """Write the tasks as one JSON list, and return how many there are."""
    count = 0
    with staged_text(path) as stream:
        stream.write("[")
        for row in checked_rows(rows, project):
            task = json.dumps(label_studio_task(row, project), ensure_ascii=False)
            stream.write((",\n" if count else "\n") + task)
            count += 1
        stream.write("\n]\n")
    return count


def label_studio_task(row: NotedRow, project: Project) -> dict[str, object]:
    """The row as a task that the tool imports."""
    result = _span_results(row) if project.shape is Shape.SPANS else _choices(row)
    task: dict[str, object] = {"data": {_OBJECT: row.text, "id": row.id}}
    if project.gold:
        return {**task, "annotations": [{"result": result, "ground_truth": False}]}
    return {**task, "predictions": [prediction(result, _scores(row, project), project)]}


def prediction(
    result: list[Result], scores: Sequence[float], project: Project
) -> dict[str, object]:
    """A prediction; its score is that of the mark that is least sure, to sort tasks by."""
    score = {"score": min(scores)} if scores else {}
    return {"model_version": project.model, **score, "result": result}


def _scores(row: NotedRow, project: Project) -> list[float]:
    marks: tuple[LabelMark | SpanMark, ...] = row.marks.spans
    if project.shape is Shape.LABELS:
        marks = row.marks.labels
    return [mark.score for mark in marks if mark.score is not None]


def _choices(row: NotedRow) -> list[Result]:
    labels = [mark.label for mark in row.marks.labels]
    return [_result("choices", {"choices": labels}, 0)] if labels else []


def _span_results(row: NotedRow) -> list[Result]:
    at = utf16_offsets(row.text)
    return [
        _result(
            "labels",
            {
                "start": at[span.start],
                "end": at[span.end],
                "text": row.text[span.start : span.end],
                "labels": [span.label],
            },
            number,
            span.score,
        )
        for number, span in enumerate(row.marks.spans)
    ]


def _result(
    kind: str, value: Mapping[str, object], number: int, score: float | None = None
) -> Result:
    place = {"from_name": _CONTROL, "to_name": _OBJECT, "type": kind}
    given = {} if score is None else {"score": score}
    return {"id": f"mark-{number}", **place, "value": value, **given}
