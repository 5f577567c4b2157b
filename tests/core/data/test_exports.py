"""Exports of labelling tools: their shapes, what is left out, and what a wrong one is told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from burnish.data import ClassificationExample, Columns, ExtractionExample, read_rows
from burnish.errors import DataError
from tests.core.data.rows_file import write, write_jsonl

TEXT = "Ada lives in Leeds."


def _labels(rows: Any) -> list[tuple[str, ...]]:
    return [each.labels for each in rows.examples if isinstance(each, ClassificationExample)]


def _spans(rows: Any) -> list[list[tuple[int, int, str]]]:
    return [
        [(span.start, span.end, span.label) for span in each.entities]
        for each in rows.examples
        if isinstance(each, ExtractionExample)
    ]


def _task(number: int, text: str, result: list[Any], **more: Any) -> dict[str, Any]:
    annotation = {"id": number, "completed_by": 1, "was_cancelled": False, "result": result, **more}
    return {"id": number, "data": {"text": text, "case": "c1"}, "annotations": [annotation]}


def _choice(*labels: str) -> dict[str, Any]:
    value = {"choices": list(labels)}
    return {"type": "choices", "from_name": "topic", "to_name": "text", "value": value}


def _span(start: int, end: int, label: str, text: str) -> dict[str, Any]:
    value = {"start": start, "end": end, "text": text, "labels": [label]}
    return {"type": "labels", "from_name": "label", "to_name": "text", "value": value}


def test_label_studio_choices_are_labels(tmp_path: Path) -> None:
    tasks = [
        _task(1, "A text.", [_choice("billing")]),
        _task(2, "Skipped.", [], was_cancelled=True),
        _task(3, "Another.", [_choice("returns")]),
        {"id": 4, "data": {"text": "Not seen."}, "annotations": []},
    ]
    path = write(tmp_path / "export.json", json.dumps(tasks, indent=2))
    rows = read_rows(path, "classification", columns=Columns(group="case"))
    assert _labels(rows) == [("billing",), ("returns",)]
    assert [each.id for each in rows.examples] == ["export.json:1", "export.json:3"]
    assert rows.examples[0].group == "c1"
    assert rows.files[0].skipped == {"no annotation": 2}


def test_label_studio_several_choices_make_several_labels(tmp_path: Path) -> None:
    tasks = [_task(1, "A.", [_choice("a", "b")]), _task(2, "B.", [])]
    rows = read_rows(write(tmp_path / "e.json", json.dumps(tasks)), "classification")
    assert rows.multi_label
    assert _labels(rows) == [("a", "b"), ()]


def test_label_studio_two_controls_are_not_put_together(tmp_path: Path) -> None:
    mood, topic = {**_choice("glad"), "from_name": "mood"}, _choice("billing", "returns")
    # Each task has one of the two: it is the file that has both.
    tasks = [_task(1, "A.", [mood]), _task(2, "B.", [topic])]
    path = write(tmp_path / "e.json", json.dumps(tasks))
    with pytest.raises(DataError, match=r"there is no control 'label'; .*'mood', 'topic'") as told:
        read_rows(path, "classification")
    assert "data.label" in told.value.hint
    assert _labels(read_rows(path, "classification", columns=Columns(label="mood"))) == [("glad",)]
    rows = read_rows(path, "classification", columns=Columns(labels="topic"))
    assert _labels(rows) == [(), ("billing", "returns")]
    tasks[0]["annotations"][0]["result"][0]["from_name"] = "label"
    rows = read_rows(
        write(path, json.dumps(tasks)), "classification", columns=Columns(labels="topic")
    )
    assert _labels(rows) == [(), ("billing", "returns")]


def test_label_studio_one_of_two_span_controls_is_read(tmp_path: Path) -> None:
    tone = {**_span(4, 9, "CALM", "lives"), "from_name": "tone"}
    tasks = [_task(1, TEXT, [_span(0, 3, "PERSON", "Ada"), tone, _choice("news")])]
    path = write(tmp_path / "e.json", json.dumps(tasks))
    with pytest.raises(DataError, match=r"there are: 'label', 'tone'") as told:
        read_rows(path, "extraction")
    assert "data.entities" in told.value.hint
    rows = read_rows(path, "extraction", columns=Columns(entities="tone"))
    assert _spans(rows) == [[(4, 9, "CALM")]]


def test_label_studio_takes_the_ground_truth(tmp_path: Path) -> None:
    task = _task(1, "A.", [_choice("wrong")])
    task["annotations"].append({"ground_truth": True, "result": [_choice("right")]})
    rows = read_rows(write(tmp_path / "e.json", json.dumps([task])), "classification")
    assert _labels(rows) == [("right",)]


def test_label_studio_counts_astral_characters_as_a_browser_does(tmp_path: Path) -> None:
    text = "😀 Ada lives in Leeds."
    tasks = [_task(1, text, [_span(3, 6, "PERSON", "Ada"), _span(16, 21, "PLACE", "Leeds")])]
    rows = read_rows(write(tmp_path / "e.json", json.dumps(tasks)), "extraction")
    assert _spans(rows) == [[(2, 5, "PERSON"), (15, 20, "PLACE")]]


def test_label_studio_minimal_exports_are_read(tmp_path: Path) -> None:
    more = {"annotator": 1, "lead_time": 2.5}
    spans = [{"start": 0, "end": 3, "text": "Ada", "labels": ["PERSON"]}]
    for label, task in (("billing", "classification"), (spans, "extraction")):
        path = write(
            tmp_path / f"{task}.json", json.dumps([{"text": TEXT, "label": label, **more}])
        )
        rows = read_rows(path, task)
        assert _labels(rows) == [("billing",)] or _spans(rows) == [[(0, 3, "PERSON")]]


def test_label_studio_minimal_exports_ask_for_a_control_of_another_name(tmp_path: Path) -> None:
    more = {"id": 1, "annotator": 1, "annotation_id": 4}
    path = write(tmp_path / "c.json", json.dumps([{"text": TEXT, "mood": "good", **more}]))
    with pytest.raises(DataError, match="there is no control 'label'; there are: 'mood'") as ask:
        read_rows(path, "classification")
    assert ask.value.hint == "name the one with the labels: data.label: NAME"
    rows = read_rows(path, "classification", columns=Columns(label="mood"))
    assert _labels(rows) == [("good",)]
    spans = [{"start": 0, "end": 3, "text": "Ada", "labels": ["PERSON"]}]
    path = write(tmp_path / "e.json", json.dumps([{"text": TEXT, "ner": spans, **more}]))
    assert _spans(read_rows(path, "extraction")) == [[(0, 3, "PERSON")]]


def test_label_studio_minimal_exports_keep_their_other_columns(tmp_path: Path) -> None:
    more = {"annotator": 1, "lead_time": 2.5, "doc": "d1"}
    for label, expected in (("a", ("a",)), ({"choices": ["a", "b"]}, ("a", "b"))):
        tasks = [{"text": TEXT, "label": label, **more}]
        path = write(tmp_path / "e.json", json.dumps(tasks))
        rows = read_rows(path, "classification", columns=Columns(group="doc"))
        assert (rows.examples[0].group, _labels(rows)) == ("d1", [expected])


def test_label_studio_without_a_text_says_which_columns_there_are(tmp_path: Path) -> None:
    task = _task(7, "A.", [_choice("a")])
    task["data"] = {"body": "A.", "title": "B."}
    path = write(tmp_path / "e.json", json.dumps([task]))
    with pytest.raises(
        DataError, match=r"e\.json: task 7: there is no text under 'text'"
    ) as caught:
        read_rows(path, "classification")
    assert "data.text: NAME" in caught.value.hint
    assert len(read_rows(path, "classification", columns=Columns(text="body"))) == 1


def _prodigy(text: str, answer: str = "accept", **more: Any) -> dict[str, Any]:
    return {"text": text, "_input_hash": 1, "_task_hash": 2, "answer": answer, **more}


def test_prodigy_choices_and_labels_are_read(tmp_path: Path) -> None:
    content = [
        _prodigy("A.", accept=["billing"], options=[{"id": "billing", "text": "Billing"}]),
        _prodigy("B.", "reject", accept=["billing"]),
        _prodigy("C.", "ignore"),
        _prodigy("D.", label="returns"),
    ]
    rows = read_rows(write_jsonl(tmp_path / "d.jsonl", content), "classification")
    assert _labels(rows) == [("billing",), ("returns",)]
    assert rows.examples[1].id == "d.jsonl:4"
    assert rows.files[0].skipped == {"rejected": 1, "ignored": 1}


def test_prodigy_spans_are_entities(tmp_path: Path) -> None:
    tokens = [{"text": "Ada", "start": 0, "end": 3, "id": 0}]
    span = {"start": 0, "end": 3, "token_start": 0, "token_end": 0, "label": "PERSON"}
    content = [_prodigy(TEXT, tokens=tokens, spans=[span]), _prodigy("Nobody.", tokens=[])]
    rows = read_rows(write_jsonl(tmp_path / "d.jsonl", content), "extraction")
    assert _spans(rows) == [[(0, 3, "PERSON")], []]


def test_prodigy_spans_of_another_shape_are_refused(tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "d.jsonl", [_prodigy(TEXT, spans="Ada")])
    with pytest.raises(DataError, match=r"d\.jsonl:1: 'spans' is not a list"):
        read_rows(path, "extraction")


@pytest.mark.parametrize(
    "row",
    [
        {"id": 1, "text": TEXT, "label": [[0, 3, "PERSON"]], "Comments": []},
        {"id": 1, "text": TEXT, "labels": [[0, 3, "PERSON"]]},
        {
            "id": 1,
            "text": TEXT,
            "entities": [{"id": 5, "label": "PERSON", "start_offset": 0, "end_offset": 3}],
            "relations": [],
            "Comments": [],
        },
    ],
    ids=["label", "labels", "entities"],
)
def test_doccano_entities_are_read_in_each_of_its_shapes(tmp_path: Path, row: Any) -> None:
    rows = read_rows(write_jsonl(tmp_path / "d.jsonl", [row]), "extraction")
    assert _spans(rows) == [[(0, 3, "PERSON")]]


def test_doccano_lists_of_one_label_are_one_label(tmp_path: Path) -> None:
    content = [{"id": n, "text": f"Text {n}.", "label": [x]} for n, x in enumerate("ab")]
    rows = read_rows(write_jsonl(tmp_path / "d.jsonl", content), "classification")
    assert not rows.multi_label
    assert _labels(rows) == [("a",), ("b",)]


def test_doccano_lists_of_several_labels_are_several_labels(tmp_path: Path) -> None:
    content = [{"text": "A.", "label": ["b", "a"]}, {"text": "B.", "label": []}]
    rows = read_rows(write_jsonl(tmp_path / "d.jsonl", content), "classification")
    assert rows.multi_label
    assert _labels(rows) == [("a", "b"), ()]


@pytest.mark.parametrize("more", [[], [[0, 3, "PERSON"]]], ids=["native", "doccano"])
def test_entities_under_the_name_that_doccano_uses_are_read(tmp_path: Path, more: Any) -> None:
    span = more or [{"start": 0, "end": 3, "label": "PERSON"}]
    path = write_jsonl(tmp_path / "d.jsonl", [{"text": TEXT, "labels": span}])
    rows = read_rows(path, "extraction", columns=Columns(entities="labels"))
    assert _spans(rows) == [[(0, 3, "PERSON")]]


def test_doccano_entity_of_another_shape_is_refused(tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "d.jsonl", [{"id": 1, "text": TEXT, "label": [[0, 3]]}])
    with pytest.raises(DataError, match=r"d\.jsonl:1: an entity is not of doccano's shape"):
        read_rows(path, "extraction")


def _argilla(text: str, responses: Any) -> dict[str, Any]:
    return {
        "id": f"r-{text[0]}",
        "fields": {"text": text},
        "metadata": {"case": "c9"},
        "suggestions": {"label": {"value": "never", "score": 0.9, "agent": "m"}},
        "responses": responses,
        "vectors": {},
        "status": "completed",
        "_server_id": "s",
    }


def test_argilla_responses_are_labels_and_suggestions_are_not(tmp_path: Path) -> None:
    answered = {"label": [{"value": "billing", "user_id": "u"}]}
    records = [_argilla("A.", answered), _argilla("B.", {})]
    path = write(tmp_path / "a.json", json.dumps(records))
    rows = read_rows(path, "classification", columns=Columns(group="case"))
    assert _labels(rows) == [("billing",)]
    assert rows.examples[0].group == "c9"
    assert rows.files[0].skipped == {"no annotation": 1}


def test_argilla_spans_are_entities(tmp_path: Path) -> None:
    spans = [{"start": 0, "end": 3, "label": "PERSON"}]
    records = [_argilla(TEXT, {"entities": [{"value": spans, "user_id": "u"}]})]
    rows = read_rows(write(tmp_path / "a.json", json.dumps(records)), "extraction")
    assert _spans(rows) == [[(0, 3, "PERSON")]]


def test_argilla_with_two_questions_asks_which(tmp_path: Path) -> None:
    answer = [{"value": "x", "user_id": "u"}]
    records = [_argilla("A.", {"topic": answer, "tone": answer})]
    path = write(tmp_path / "a.json", json.dumps(records))
    with pytest.raises(DataError, match=r"record r-A: there is no question 'label'") as caught:
        read_rows(path, "classification")
    assert "data.label" in caught.value.hint
    assert _labels(read_rows(path, "classification", columns=Columns(label="tone"))) == [("x",)]


def test_label_studio_counts_utf16_where_the_words_fit_both_ways(tmp_path: Path) -> None:
    # Counted in code points, 2-4 quotes "aa" too; the tool counts UTF-16 units.
    tasks = [_task(1, "😊aaaa", [_span(2, 4, "x", "aa")]), _task(2, "😊", [_span(0, 2, "x", "😊")])]
    path = write(tmp_path / "ls.json", json.dumps(tasks))
    assert _spans(read_rows(path, "extraction")) == [[(1, 3, "x")], [(0, 1, "x")]]
