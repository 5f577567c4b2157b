"""Prodigy: JSON Lines for its recipes (https://prodi.gy/docs/api-interfaces).

Entities are ``spans`` with the tokens that they lie on, for ``ner.manual`` and ``ner.correct``;
labels are a ``choice`` of all labels, those of the model ticked in ``accept``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from burnish.data.writers.files import staged_text
from burnish.data.writers.rows import NotedRow, Project, checked_rows
from burnish.data.writers.words import Word, every_word
from burnish.tasks.shapes import Shape

__all__ = ["write_prodigy"]

_VIEWS = {Shape.SPANS: "ner_manual", Shape.LABELS: "choice"}


def write_prodigy(rows: Iterable[NotedRow], path: Path, *, project: Project) -> int:
    """Write a task per row, and return how many there are.

    With ``project.gold`` each is an accepted answer, as ``prodigy db-in`` takes it.
    """
    count = 0
    answer = {"answer": "accept", "_view_id": _VIEWS[project.shape]} if project.gold else {}
    with staged_text(path) as stream:
        for row in checked_rows(rows, project):
            marks = _spans(row) if project.shape is Shape.SPANS else _choice(row, project)
            task = {"text": row.text, "meta": {"id": row.id}, **marks, **answer}
            stream.write(json.dumps(task, ensure_ascii=False) + "\n")
            count += 1
    return count


def _choice(row: NotedRow, project: Project) -> dict[str, object]:
    accepted = [mark.label for mark in row.marks.labels]
    options = dict.fromkeys([*project.labels, *accepted])
    scores = {mark.label: mark.score for mark in row.marks.labels if mark.score is not None}
    style = "multiple" if project.several else "single"
    return {
        "options": [{"id": each, "text": each} for each in options],
        "accept": accepted,
        "config": {"choice_style": style},
        **({"scores": scores} if scores else {}),
    }


def _spans(row: NotedRow) -> dict[str, object]:
    words = every_word(row)
    tokens = [
        {
            "text": row.text[word.start : word.end],
            "start": word.start,
            "end": word.end,
            "id": number,
            "ws": row.text[word.end : word.end + 1] == " ",
        }
        for number, word in enumerate(words)
    ]
    spans = []
    for span in row.marks.spans:
        on = [number for number, word in enumerate(words) if _is_on(word, span.start, span.end)]
        place = {"token_start": on[0], "token_end": on[-1]} if on else {}
        score = {} if span.score is None else {"score": span.score}
        spans.append({"start": span.start, "end": span.end, **place, "label": span.label, **score})
    return {"tokens": tokens, "spans": spans}


def _is_on(word: Word, start: int, end: int) -> bool:
    return word.start < end and start < word.end
