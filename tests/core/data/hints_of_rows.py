"""Hints about rows in the native form, JSON and CSV, each with what follows from it."""

from __future__ import annotations

import json
from typing import Any

from tests.core.data.hint_case import Case

__all__ = ["ROWS"]

_T = "Ada lives in Leeds."


def _row(**fields: Any) -> str:
    return json.dumps(fields) + "\n"


def _text(**fields: Any) -> str:
    return _row(text=_T, **fields)


def _ask(**fields: Any) -> str:
    return _row(context=_T, question="Who?", **fields)


_SPAN = {"start": 0, "end": 3, "label": "P"}
_C, _E, _Q = "classification", "extraction", "qa"

_ID = {"id": "No"}

ROWS: dict[str, Case] = {
    # names of rows and of labels
    "no column of IDs": Case(
        _C, _text(label="a", no=1), "data.id: no", columns=_ID, good_columns={"id": "no"}
    ),
    "an ID of another type": Case(
        _C, _text(label="a", No=[1]), "whole number", _text(label="a", No=1), columns=_ID
    ),
    "an empty ID": Case(
        _C, _text(label="a", No=""), "an ID of its own", _text(label="a", No="x"), columns=_ID
    ),
    "a text for an ID": Case(
        _C,
        _text(label="a", No="x" * 201),
        "data.id: NAME",
        columns=_ID,
        good_columns={"id": "label"},
    ),
    "an ID twice": Case(
        _C, _text(label="a", No=1) * 2, "leave out data.id", columns=_ID, good_columns={}
    ),
    "a label that is a number without a name": Case(
        _C,
        _text(label=1),
        "add the others",
        columns={"label_names": ("a",)},
        good_columns={"label_names": ("a", "b")},
    ),
    # builders: texts and labels
    "no text column": Case(
        _C, _row(body=_T, label="a"), "data.text", good_columns={"text": "body"}
    ),
    "text is a number": Case(_C, _row(text=7, label="a"), "in quotes", _row(text="7", label="a")),
    "surrogate": Case(
        _C, '{"text": "a\\ud800", "label": "a"}', "remove", _row(text="a", label="a")
    ),
    "label is an object": Case(_C, _text(label={"a": 1}), "write", _text(label="a")),
    "label is a list": Case(
        _C, _text(label="a") + _text(label=["a"]), "'labels'", _text(labels=["a"])
    ),
    "no label": Case(_C, _text(label=None), "add a label", _text(label="a")),
    "no label, left out": Case(
        _C,
        _text(label=None) + _row(text="b", label="b"),
        "leave_out",
        good_columns={"unlabelled": "leave_out"},
    ),
    "an empty label": Case(_C, _text(labels=["a", ""]), "or remove it", _text(labels=["a"])),
    "no label column": Case(
        _C, _text(Label="a"), "data.label: Label", good_columns={"label": "Label"}
    ),
    "entities for labels": Case(_C, _text(entities=[_SPAN]), "--task extraction", good_task=_E),
    "both columns": Case(_C, _text(label="a", labels=["a"]), "use one", _text(label="a")),
    "two forms": Case(
        _C, _text(label="a") + _text(labels=["b"]), "in every row", _text(labels=["a"]) * 2
    ),
    "labels in one string": Case(
        _C, _text(labels="a|b"), "data.separator", good_columns={"separator": "|"}
    ),
    "labels are a number": Case(_C, _text(labels=3), '["one", "two"]', _text(labels=["3"])),
    "no column of a label": Case(
        _C,
        _text(a=1, B=0),
        "data.label_columns",
        columns={"label_columns": ("a", "b")},
        good_columns={"label_columns": ("a", "B")},
    ),
    "a label's column says more": Case(
        _C,
        _text(a="often", b=0),
        "write 1",
        _text(a=1, b=0),
        columns={"label_columns": ("a", "b")},
    ),
    "a column per label": Case(
        _C,
        "text,a,b\nMy card,1,0\nMy parcel,0,1\n",
        "data.label_columns: [a,b]",
        name="rows.csv",
        good_columns={"label_columns": ("a", "b")},
    ),
    "a column per label in JSON": Case(
        _C,
        _text(a=1, b=1),
        "data.label_columns: [a,b]",
        good_columns={"label_columns": ("a", "b")},
    ),
    "no group column": Case(
        _C,
        _text(label="a", Case="1"),
        "data.group: Case",
        columns={"group": "case"},
        good_columns={"group": "Case"},
    ),
    "empty group": Case(
        _C,
        _text(label="a", case=""),
        "give the row a group",
        _text(label="a", case="1"),
        columns={"group": "case"},
    ),
    "no subgroup column": Case(
        _C,
        _text(label="a", Age="1"),
        "data.subgroups",
        columns={"subgroups": ("age",)},
        good_columns={"subgroups": ("Age",)},
    ),
    "a long subgroup": Case(
        _C,
        _text(label="a", age="x" * 99),
        "short name",
        _text(label="a", age="x"),
        columns={"subgroups": ("age",)},
    ),
    "many subgroups": Case(
        _C,
        "".join(_row(text=f"t {n}", label="a", age=str(n)) for n in range(30)),
        "",
        "".join(_row(text=f"t {n}", label="a", age=str(n // 10)) for n in range(30)),
        columns={"subgroups": ("age",)},
    ),
    # builders: entities
    "no entities column": Case(_E, _text(spans=[]), "empty list", _text(entities=[])),
    "entities are null": Case(_E, _text(entities=None), "entities': []", _text(entities=[])),
    "entities are a string": Case(_E, _text(entities="P"), "or []", _text(entities=[])),
    "an entity is a string": Case(_E, _text(entities=["P"]), "write each", _text(entities=[_SPAN])),
    "outside": Case(
        _E, _text(entities=[{**_SPAN, "end": 99}]), "exclusive", _text(entities=[_SPAN])
    ),
    "other words": Case(
        _E,
        _text(entities=[{**_SPAN, "text": "lives"}]),
        "found at 4",
        _text(entities=[{**_SPAN, "text": "lives", "start": 4, "end": 9}]),
    ),
    "entity without label": Case(
        _E, _text(entities=[{"start": 0, "end": 3}]), "write each", _text(entities=[_SPAN])
    ),
    "offset in quotes": Case(
        _E, _text(entities=[{**_SPAN, "start": "0"}]), "without quotes", _text(entities=[_SPAN])
    ),
    "overlap": Case(
        _E, _text(entities=[_SPAN, {**_SPAN, "end": 5}]), "keep one", _text(entities=[_SPAN])
    ),
    # builders: answers
    "answer without text": Case(_Q, _ask(answers=[{"start": 0}]), "write []", _ask(answers=[])),
    "answer elsewhere": Case(
        _Q,
        _ask(answers=[{"text": "lives", "start": 0}]),
        "found at 4",
        _ask(answers=[{"text": "lives", "start": 4}]),
    ),
    "answers not parallel": Case(
        _Q,
        _ask(answers={"text": ["Ada"], "answer_start": []}),
        "answer_start",
        _ask(answers={"text": ["Ada"], "answer_start": [0]}),
    ),
    # JSON
    "no object": Case(_C, '"one"\n', "one JSON object", _text(label="a")),
    "no JSON": Case(
        _C, "{'text': 'a', 'label': 'b'}\n", "double quotes", _row(text="a", label="b")
    ),
    "key twice": Case(
        _C, '{"text": "a", "text": "b", "label": "c"}', "correct", _row(text="a", label="c")
    ),
    "objects on several lines": Case(
        _C,
        '{\n"text": "a",\n"label": "b"\n}\n{\n"text": "c",\n"label": "b"\n}',
        "jq -c .",
        _row(text="a", label="b") + _row(text="c", label="b"),
    ),
    "rows inside one object": Case(
        _C,
        json.dumps({"rows": [{"text": "a", "label": "b"}]}),
        '["rows"]',
        _row(text="a", label="b"),
    ),
    "rows inside one indented object": Case(
        _C,
        json.dumps({"rows": [{"text": "a", "label": "b"}]}, indent=1),
        '["rows"]',
        _row(text="a", label="b"),
    ),
    "item of a list": Case(
        _C,
        '[{"text": "a", "label": "b"}, 7]',
        "one JSON object per line",
        _row(text="a", label="b"),
    ),
    "broken list": Case(
        _C, '[{"text": "a", "label": "b"},', "list of objects", '[{"text": "a", "label": "b"}]'
    ),
    # files
    "empty": Case(_C, "\n\n", "file with rows", _text(label="a")),
    "rows without texts": Case(_C, _row(text="", label="a"), "file with rows", _text(label="a")),
    "Latin-1": Case(
        _C,
        "text,label\ncafé,a\n".encode("latin-1"),
        "iconv -f WINDOWS-1252",
        "text,label\ncafé,a\n",
        name="rows.csv",
    ),
    "Latin-1 in a document": Case(
        _C,
        '[{"text": "café", "label": "a"}]'.encode("latin-1"),
        "iconv -f WINDOWS-1252",
        '[{"text": "café", "label": "a"}]',
    ),
    "a table for entities": Case(
        _E, "text,label\na,b\n", "JSON Lines", _text(entities=[_SPAN]), name="rows.csv"
    ),
    "tags for labels": Case(_C, "Ada B-P\n", "JSON Lines", _text(label="a"), name="rows.conll"),
    # CSV
    "no column": Case(
        _C, "body,label\na,b\n", "data.text", name="rows.csv", good_columns={"text": "body"}
    ),
    "two columns of one name": Case(
        _C, "text,text,label\na,b,c\n", "rename", "text,other,label\na,b,c\n", name="rows.csv"
    ),
    "stray quote": Case(
        _C, 'text,label\n"a" b,c\n', "doubled", 'text,label\n"""a"" b",c\n', name="rows.csv"
    ),
    "a cell more": Case(
        _C, "text,label\na, b,c\n", '"quotes"', 'text,label\n"a, b",c\n', name="rows.csv"
    ),
    "a cell of several rows": Case(
        _C,
        "text\tlabel\n" + "some plain words\ta\n" * 70_000 + '"x\ty\nz"\tw\n',
        "write the file as CSV",
        'text,label\n"""x",y\n"z""",w\n',
        name="rows.tsv",
    ),
}
