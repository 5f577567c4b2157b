"""Label Studio: its JSON tasks with predictions (https://labelstud.io/guide/predictions).

The controls are called as in the tool's own templates: ``label`` (for scores ``score``) on the
text ``text``. Offsets count UTF-16 units, as a browser does.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from burnish.data.writers.files import staged_text
from burnish.data.writers.label_studio_results import CONTROLS, prediction, results
from burnish.data.writers.rows import NotedRow, Project, checked_rows

__all__ = ["label_studio_task", "write_label_studio"]


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
    control = CONTROLS[project.shape]
    found = results(row.marks, row.text, control)
    task: dict[str, object] = {"data": {control.text: row.text, "id": row.id}}
    if project.gold:
        return {**task, "annotations": [{"result": found, "ground_truth": False}]}
    return {**task, "predictions": [prediction(found, row.marks, model=project.model)]}
