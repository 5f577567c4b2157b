"""Rows of a ``datasets`` object: of a stand-in, and of the library's own where it is installed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest

from burnish.data import read_data_set, read_data_sets, read_rows
from burnish.data.columns import Columns
from burnish.errors import DataError


@dataclass
class StandIn:
    """What a ``datasets.Dataset`` shows."""

    rows: list[dict[str, Any]]
    features: dict[str, Any]

    @property
    def column_names(self) -> list[str]:
        return list(self.features)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return iter(self.rows)


def classes(*names: str) -> SimpleNamespace:
    return SimpleNamespace(names=list(names))


def many(feature: Any) -> SimpleNamespace:
    return SimpleNamespace(feature=feature)


TEXT = SimpleNamespace(dtype="string")
TICKETS = StandIn(
    [
        {"text": "my card is late", "label": 1},
        {"text": " ", "label": 0},
        {"text": "my login", "label": 0},
    ],
    {"text": TEXT, "label": classes("access", "billing")},
)
TAGGED = StandIn(
    [{"tokens": ["anna", "lives", "in", "new", "york"], "ner_tags": [1, 0, 0, 2, 3]}],
    {"tokens": many(TEXT), "ner_tags": many(classes("O", "B-person", "B-place", "I-place"))},
)
ASKED = StandIn(
    [
        {
            "context": "anna lives in york",
            "question": "where",
            "answers": {"text": ["york"], "answer_start": [14]},
        },
        {
            "context": "anna lives in york",
            "question": "when",
            "answers": {"text": [], "answer_start": []},
        },
    ],
    {"context": TEXT, "question": TEXT, "answers": many({"text": TEXT, "answer_start": TEXT})},
)


def test_classes_become_their_names_and_empty_texts_are_counted() -> None:
    rows = read_data_set(TICKETS, "classification")

    assert [(e.id, e.labels) for e in rows.examples] == [  # type: ignore[attr-defined]
        ("train:0", ("billing",)),
        ("train:2", ("access",)),
    ]
    assert rows.files[0].skipped == {"empty text": 1}
    assert rows.files[0].skipped_at == {"empty text": ("train:1",)}


def test_tags_become_entities() -> None:
    (example,) = read_data_set(TAGGED, "extraction", name="dev").examples

    assert example.id == "dev:0"
    assert [(s.start, s.end, s.label) for s in example.entities] == [  # type: ignore[attr-defined]
        (0, 4, "person"),
        (14, 22, "place"),
    ]


def test_answers_in_columns_are_read() -> None:
    found, none = read_data_set(ASKED, "qa").examples

    assert found.answers[0].start == 14  # type: ignore[attr-defined]
    assert none.answers == ()  # type: ignore[attr-defined]


def test_several_classes_a_text() -> None:
    data = StandIn(
        [{"text": "late", "labels": [0, 1]}, {"text": "hello", "labels": []}],
        {"text": TEXT, "labels": many(classes("post", "money"))},
    )
    rows = read_data_set(data, "classification")

    assert rows.multi_label
    assert [e.labels for e in rows.examples] == [("money", "post"), ()]  # type: ignore[attr-defined]


def test_the_digest_is_that_of_the_rows_in_their_order() -> None:
    turned = StandIn(TICKETS.rows[::-1], TICKETS.features)
    one, again, other = (
        read_data_set(each, "classification").files[0].sha256 for each in (TICKETS, TICKETS, turned)
    )
    assert one == again != other


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"text": 3, "label": 1}, r"train: row 1: 'text' is a number"),
        ({"text": "hello", "label": -1}, r"train: row 1: the row has no label"),
        ({"words": "hello", "label": 0}, r"train: row 1: there is no column 'text'"),
    ],
)
def test_a_wrong_row_is_named(row: dict[str, Any], words: str) -> None:
    with pytest.raises(DataError, match=words):
        read_data_set(StandIn([TICKETS.rows[0], row], TICKETS.features), "classification")


def test_a_dictionary_without_train_is_refused() -> None:
    with pytest.raises(DataError, match="none is 'train'"):
        read_data_sets({"test": TICKETS}, "classification")


def test_train_may_lack_a_column_that_the_others_have() -> None:
    judged = StandIn([{**row, "site": "north"} for row in TICKETS.rows], TICKETS.features)
    parts = {"train": TICKETS, "validation": judged}
    columns = Columns(subgroups=("site",))
    with pytest.raises(DataError, match="site"):
        read_data_sets(parts, "classification", columns=columns)
    rows = read_data_sets(parts, "classification", columns=columns, train_columns=Columns())
    assert {e.subgroups for e in rows["train"].examples} == {()}
    assert {e.subgroups for e in rows["validation"].examples} == {("north",)}


def test_no_rows_are_refused() -> None:
    with pytest.raises(DataError, match="holds no rows"):
        read_data_set(StandIn([], TICKETS.features), "classification")


def test_the_library_itself_reads_as_the_file_does(tmp_path) -> None:
    datasets = pytest.importorskip("datasets", reason="pip install datasets")
    lines = [
        {"tokens": ["anna", "in", "york"], "tags": ["B-person", "O", "B-place"]},
        {"tokens": ["ben"], "tags": ["B-person"]},
    ]
    path = tmp_path / "train.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)))
    names = datasets.ClassLabel(names=["O", "B-person", "B-place"])
    features = {"tokens": [datasets.Value("string")], "tags": [names]}
    made = datasets.Dataset.from_list(lines, features=datasets.Features(features))
    parts = datasets.DatasetDict({"train": made, "validation": made.with_format("numpy")})
    from_file = read_rows(path, "extraction").examples

    for rows in read_data_sets(parts, "extraction").values():
        assert [e.digest for e in rows.examples] == [e.digest for e in from_file]
