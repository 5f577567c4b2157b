"""doccano: JSON Lines that it imports (https://doccano.github.io/doccano/tutorial).

``label`` is a list of names, or of ``[start, end, name]`` in code points. The tool keeps no scores;
what is imported counts as an annotation that somebody has yet to confirm.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from burnish.data.writers.files import staged_text
from burnish.data.writers.rows import NotedRow, Project, checked_rows
from burnish.tasks.shapes import Shape

__all__ = ["write_doccano"]


def write_doccano(rows: Iterable[NotedRow], path: Path, *, project: Project) -> int:
    """Write a JSON object per row, and return how many there are."""
    count = 0
    with staged_text(path) as stream:
        for row in checked_rows(rows, project):
            label = _spans(row) if project.shape is Shape.SPANS else _names(row)
            line = {"id": row.id, "text": row.text, "label": label}
            stream.write(json.dumps(line, ensure_ascii=False) + "\n")
            count += 1
    return count


def _names(row: NotedRow) -> list[object]:
    return [mark.label for mark in row.marks.labels]


def _spans(row: NotedRow) -> list[object]:
    return [[span.start, span.end, span.label] for span in row.marks.spans]
