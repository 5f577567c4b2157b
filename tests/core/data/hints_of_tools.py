"""Hints about tokens, SQuAD and exports of labelling tools, each with what follows from it."""

from __future__ import annotations

import json
from typing import Any

from tests.core.data.hint_case import Case

__all__ = ["TOOLS"]

_T = "Ada lives in Leeds."


def _row(**fields: Any) -> str:
    return json.dumps(fields) + "\n"


def _text(**fields: Any) -> str:
    return _row(text=_T, **fields)


def _squad(*questions: Any, **paragraph: Any) -> str:
    part = {"context": _T, "qas": list(questions), **paragraph}
    return json.dumps({"data": [{"paragraphs": [part]}]})


def _studio(*values: Any, **data: Any) -> str:
    result = [{"from_name": "l", "value": value} for value in values]
    return json.dumps([{"data": {"text": _T, **data}, "annotations": [{"result": result}]}])


def _argilla(responses: Any, **fields: Any) -> str:
    return json.dumps([{"fields": {"text": _T, **fields}, "responses": responses}])


def _answered(value: Any) -> list[dict[str, Any]]:
    return [{"status": "submitted", "value": value}]


def _prodigy(**fields: Any) -> str:
    return _text(answer="accept", **fields)


_SPAN = {"start": 0, "end": 3, "label": "P"}
_IN_SQUAD = {"text": "Ada", "answer_start": 0}
_CHOICE = {"choices": ["a"]}
_LABELLED = {"start": 0, "end": 3, "labels": ["P"]}
_C, _E, _Q, _R = "classification", "extraction", "qa", "regression"

TOOLS: dict[str, Case] = {
    # tagged tokens
    "a tag less": Case(
        _E,
        _row(tokens=["Ada", "x"], tags=["O"]),
        "one tag",
        _row(tokens=["Ada", "x"], tags=["O", "O"]),
    ),
    "no tag at all": Case(
        _E, _row(tokens=["Ada"], tags=["B_P"]), "B-LABEL", _row(tokens=["Ada"], tags=["B-P"])
    ),
    "empty token": Case(
        _E, _row(tokens=[""], tags=["O"]), "at least one character", _row(tokens=["a"], tags=["O"])
    ),
    "no tags": Case(
        _E, _row(tokens=["Ada"], Tags=["O"]), "data.tags: Tags", good_columns={"tags": "Tags"}
    ),
    "tags are a string": Case(
        _E, _row(tokens=["Ada"], tags="O"), "one tag per token", _row(tokens=["Ada"], tags=["O"])
    ),
    "a tag is null": Case(
        _E, _row(tokens=["Ada"], tags=[None]), '"O"', _row(tokens=["Ada"], tags=["O"])
    ),
    "tags are numbers": Case(
        _E,
        _row(tokens=["Ada"], tags=[1]),
        "data.tag_names",
        good_columns={"tag_names": ("O", "B-P")},
    ),
    "a number without a name": Case(
        _E,
        _row(tokens=["Ada"], tags=[2]),
        "has 2 names",
        columns={"tag_names": ("O", "B-P")},
        good_columns={"tag_names": ("O", "B-P", "I-P")},
    ),
    "tokens of another text": Case(
        _E,
        _row(text="Eve", tokens=["Ada"], tags=["O"]),
        "leave the text out",
        _row(tokens=["Ada"], tags=["O"]),
    ),
    # SQuAD
    "no questions": Case(
        _Q,
        json.dumps({"data": [{"paragraphs": [{"context": _T}]}]}),
        "qas",
        _squad({"question": "Who?", "answers": []}),
    ),
    "a question is a string": Case(_Q, _squad("Who?"), "qas", _squad({"question": "Who?"})),
    "answers are a string": Case(
        _Q,
        _squad({"question": "Who?", "answers": "Ada"}),
        "or []",
        _squad({"question": "Who?", "answers": [_IN_SQUAD]}),
    ),
    "impossible with answers": Case(
        _Q,
        _squad({"question": "Who?", "answers": [_IN_SQUAD], "is_impossible": True}),
        "empty its",
        _squad({"question": "Who?", "answers": [], "is_impossible": True}),
    ),
    # tools
    "a studio's spans for labels": Case(_C, _studio(_LABELLED), "--task extraction", good_task=_E),
    "a prodigy's spans for labels": Case(
        _C, _prodigy(spans=[_SPAN]), "--task extraction", good_task=_E
    ),
    "two controls": Case(
        _C,
        json.dumps(
            [
                {
                    "data": {"text": _T},
                    "annotations": [
                        {
                            "result": [
                                {"from_name": "mood", "value": _CHOICE},
                                {"from_name": "topic", "value": _CHOICE},
                            ]
                        }
                    ],
                }
            ]
        ),
        "data.label",
        good_columns={"label": "mood"},
    ),
    "a task without data": Case(
        _C, json.dumps([{"data": 7, "annotations": []}]), "export", _studio(_CHOICE)
    ),
    "no result": Case(
        _C, json.dumps([{"data": {"text": _T}, "annotations": [{}]}]), "export", _studio(_CHOICE)
    ),
    "no text in a task": Case(
        _C, _studio(_CHOICE, text=7, body=_T, other=_T), "data.text", good_columns={"text": "body"}
    ),
    "choices are a number": Case(_C, _studio({"choices": 7}), "export", _studio(_CHOICE)),
    "HTML spans": Case(
        _E,
        _studio({**_LABELLED, "start": "/p[1]", "globalOffsets": {"start": 0, "end": 3}}),
        "python3 -c",
        _text(entities=[_SPAN]),
    ),
    "argilla without fields": Case(
        _C,
        json.dumps([{"fields": 7, "responses": {}}]),
        "records.to_json",
        _argilla({"label": _answered("a")}),
    ),
    "argilla's spans for labels": Case(
        _C, _argilla({"label": _answered([_SPAN])}), "--task extraction", good_task=_E
    ),
    "argilla's rating for labels": Case(
        _C, _argilla({"label": _answered(4)}), "--task regression", good_task=_R
    ),
    "argilla's labels for ratings": Case(
        _R, _argilla({"label": _answered("a")}), "--task classification", good_task=_C
    ),
    "a studio's rating for labels": Case(
        _C, _studio({"rating": 4}), "--task regression", good_task=_R
    ),
    "prodigy's two options for a score": Case(
        _R, _prodigy(accept=["1", "2"]), '"choice_style": "single"', _prodigy(accept=["2"])
    ),
    "argilla's two questions": Case(
        _C,
        _argilla({"mood": _answered("a"), "topic": _answered("b")}),
        "data.label",
        good_columns={"label": "mood"},
    ),
    "argilla's two fields": Case(
        _C,
        json.dumps([{"fields": {"a": "x", "b": "y"}, "responses": {"label": _answered("a")}}]),
        "data.text",
        good_columns={"text": "a"},
    ),
    "argilla's labels for spans": Case(
        _E,
        _argilla({"topic": _answered("a"), "spans": _answered([_SPAN])}),
        "data.entities",
        good_columns={"entities": "spans"},
    ),
    "argilla's one question is no spans": Case(
        _E,
        _argilla({"entities": _answered("a"), "spans": _answered([_SPAN])}),
        "data.entities",
        good_columns={"entities": "spans"},
    ),
    "prodigy's spans": Case(_E, _prodigy(spans="P"), "db-out", _prodigy(spans=[_SPAN])),
    "doccano's pairs": Case(
        _E, _text(label=[[0, "P"]]), "doccano writes", _text(label=[[0, 3, "P"]])
    ),
    "doccano's string": Case(
        _E,
        _text(label="P") + _text(entities=[[0, 3, "P"]]),
        "doccano writes",
        _text(label=[[0, 3, "P"]]),
    ),
    "doccano's labels for spans": Case(
        _E, _text(label=["a"]), "--task classification", good_task=_C
    ),
    "doccano's spans for labels": Case(
        _C, _text(label=[[0, 3, "P"]]), "--task extraction", good_task=_E
    ),
}
