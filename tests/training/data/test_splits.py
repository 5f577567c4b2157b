"""What rows say about the task that is made for them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from burnish.tasks import ClassificationTask
from burnish.training.data.splits import encode_parts, make_task, size_task
from burnish.training.pipeline.preparation import prepare


@pytest.mark.parametrize(
    ("data", "settings", "rule"),
    [
        ({}, {}, True),
        ({}, {"at_least_one": False}, False),
        ({"out_of_scope": "other"}, {}, False),
        ({"out_of_scope": "other"}, {"at_least_one": True}, True),
    ],
)
def test_every_text_gets_a_label_where_every_row_has_one_and_none_is_out_of_scope(
    make_recipe, tmp_path, data: dict[str, Any], settings: dict[str, Any], rule: bool
) -> None:
    labels = (["billing"], ["access", "billing"], ["other"])
    rows = [{"text": f"my card {i}", "labels": labels[i % 3]} for i in range(30)]
    path = tmp_path / "rows.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)))
    given = {"train": str(path), **data}
    base, split, recipe = prepare(make_recipe("several", data=given, classification=settings), None)
    task = make_task(recipe, split, base)
    assert isinstance(task, ClassificationTask)
    assert task.at_least_one is rule
    parts = encode_parts(task, split, base.path / "tokenizer.json")
    resolved, sized = size_task(recipe, task, parts)
    assert sized == task
    assert resolved.classification.at_least_one is rule


def test_notes_name_branches_without_rows_and_labels_that_training_rows_lack(
    make_recipe, tmp_path
) -> None:
    tree = tmp_path / "tree.csv"
    tree.write_text("child,parent\nmoney,service\nparcel,service\nhello,\nbye,\nother,\n")
    parts = {
        "train": ["money", "hello", "other"] * 10,
        "validation": ["money", "hello", "parcel"] * 5,
    }
    data = {"taxonomy": str(tree), "test": None, "out_of_scope": "other"}
    for name, labels in parts.items():
        data[name] = str(tmp_path / f"{name}.jsonl")
        rows = [
            {"text": f"my {label} {name} {i}", "label": label} for i, label in enumerate(labels)
        ]
        (tmp_path / f"{name}.jsonl").write_text("\n".join(map(json.dumps, rows)))
    base, split, recipe = prepare(make_recipe("path", data=data), None)
    task = make_task(recipe, split, base)
    notes = encode_parts(task, split, base.path / "tokenizer.json").notes
    assert [note for note in notes if "service > parcel" in note and "without a training" in note]
    (bare,) = (note for note in notes if "of the tree" in note)
    assert bare.startswith("1 branch of the tree (1 label) has no row")
    assert ": bye; add rows" in bare
