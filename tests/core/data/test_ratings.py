"""Ratings of labelling tools are scores: Label Studio 1.13, Argilla 2, Prodigy 1.11."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from burnish.data import Columns, read_rows
from burnish.errors import DataError
from burnish.tasks.regression.example import ScoreExample
from tests.core.data.rows_file import write, write_jsonl


def scores(path: Path, **columns: Any) -> list[tuple[str, float]]:
    rows = read_rows(path, "regression", columns=Columns(**columns))
    return [(row.text, row.score) for row in rows.examples if isinstance(row, ScoreExample)]


def result(kind: str, value: object, name: str = "stars", **more: object) -> dict[str, object]:
    place = {"from_name": name, "to_name": "text", "type": kind}
    return {**place, "id": "a1", "origin": "manual", "value": {kind: value, **more}}


def export(path: Path, *results: list[dict[str, object]]) -> Path:
    tasks = [
        {
            "id": number,
            "data": {"text": f"Text {number}."},
            "annotations": [{"id": number, "was_cancelled": False, "result": each}],
        }
        for number, each in enumerate(results)
    ]
    return write(path, json.dumps(tasks))


CHOICE = result("choices", ["a"], "topic")


@pytest.mark.parametrize(("kind", "value"), [("rating", 4), ("number", 3.5), ("number", 0)])
def test_label_studios_controls_are_read(tmp_path: Path, kind: str, value: float) -> None:
    path = export(tmp_path / "e.json", [result(kind, value), CHOICE], [result(kind, 1)], [])
    assert scores(path) == [("Text 0.", value), ("Text 1.", 1)]
    found = read_rows(path, "regression").files[0].skipped
    assert found == {"no annotation": 1}


def test_of_two_ratings_one_is_named_and_those_of_regions_do_not_count(tmp_path: Path) -> None:
    region = result("rating", 5, "tone", start=0, end=4, text="Text")
    path = export(tmp_path / "e.json", [result("rating", 2), region])
    assert scores(path) == [("Text 0.", 2)]
    path = export(tmp_path / "e.json", [result("rating", 2), result("number", 9, "days")])
    with pytest.raises(DataError, match="there are: 'stars', 'days'") as told:
        scores(path)
    assert "ratings: data.score" in told.value.hint
    assert scores(path, score="days") == [("Text 0.", 9)]


def test_label_studios_minimal_export_is_read(tmp_path: Path) -> None:
    row = {"text": "A text.", "stars": 4, "id": 1, "annotator": 1, "annotation_id": 3}
    path = write(tmp_path / "m.json", json.dumps([{**row, "lead_time": 2.5}]))
    assert scores(path) == [("A text.", 4)]
    path = write(tmp_path / "m.json", json.dumps([{**row, "age": 3, "lead_time": 2.5}]))
    with pytest.raises(DataError, match="there are: 'stars', 'age'"):
        scores(path)
    assert scores(path, score="age") == [("A text.", 3)]


def test_argillas_ratings_are_read(tmp_path: Path) -> None:
    def record(**responses: object) -> dict[str, object]:
        given = {
            name: [{"value": value, "status": "submitted", "user_id": "u"}]
            for name, value in responses.items()
        }
        return {"id": "r", "fields": {"text": "A."}, "metadata": {}, "responses": given}

    path = tmp_path / "a.json"
    assert scores(write(path, json.dumps([record(quality=4), record()]))) == [("A.", 4)]
    write(path, json.dumps([record(quality=4, score=2)]))
    assert scores(path) == [("A.", 2)]
    assert scores(path, score="quality") == [("A.", 4)]


def test_prodigys_numbered_options_are_read_and_its_score_is_not(tmp_path: Path) -> None:
    def row(**fields: Any) -> dict[str, Any]:
        options = [{"id": number, "text": str(number)} for number in (1, 2, 3)]
        own = {"text": "A.", "_task_hash": 1, "answer": "accept", "score": 0.9}
        return {**own, "options": options, "config": {"choice_style": "single"}, **fields}

    path = write_jsonl(
        tmp_path / "p.jsonl",
        [row(accept=[3]), row(accept=["2"]), row(accept=[]), row(answer="reject", accept=[1])],
    )
    rows = read_rows(path, "regression")
    assert [each.score for each in rows.examples if isinstance(each, ScoreExample)] == [3, 2]
    assert rows.files[0].skipped == {"no annotation": 1, "rejected": 1}


def test_what_is_no_rating_is_said_to_be_something_else(tmp_path: Path) -> None:
    path = export(tmp_path / "e.json", [CHOICE])
    with pytest.raises(DataError, match="has labels of whole texts and no ratings") as told:
        scores(path)
    assert "--task classification" in told.value.hint
    rated = export(tmp_path / "r.json", [result("rating", 4)])
    for task in ("classification", "extraction"):
        with pytest.raises(DataError, match="has ratings of whole texts and no") as told:
            read_rows(rated, task)
        assert "--task regression" in told.value.hint
