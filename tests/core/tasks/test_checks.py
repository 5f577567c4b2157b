"""What an example says of itself to the checks, also an example of a task that is not there yet."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from typing_extensions import override

from burnish.data import Example, Rows, SourceFile, check_parts
from burnish.data.checks.faults import find_skipped
from burnish.data.groups import group_keys
from burnish.tasks.classification.example import ClassificationExample
from burnish.tasks.extraction.example import ExtractionExample, Span
from burnish.tasks.pairs.example import PairExample
from burnish.tasks.qa.example import GoldAnswer, QAExample
from tests.core.data.example_rows import rows_of

TEXT = ClassificationExample(id="a:1", text="Ann met Bob", labels=("x",))
SPANS = (Span(0, 3, "name"), Span(8, 11, "name"))
ENTITIES = ExtractionExample(id="a:1", text="Ann met Bob", entities=SPANS)
ANSWERS = (GoldAnswer("Bob", 8), GoldAnswer("met Bob", 4))
QUESTION = QAExample(id="a:1", context="Ann met Bob", question="Whom?", answers=ANSWERS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair(PairExample):
    """Two texts, of which many rows may share the first."""

    @property
    @override
    def shared(self) -> tuple[str, str]:
        return "text", self.text


PREMISE = "The hall of the town opens at nine on all days but the last Monday of a month"


def pairs(name: str, texts: list[tuple[str, str]]) -> Rows:
    """A row of each pair, with two labels in turn."""
    rows = [
        Pair(id=f"{name}:{n}", text=text, text_pair=second, labels=("ab"[n % 2],))
        for n, (text, second) in enumerate(texts, start=1)
    ]
    return rows_of("classification", rows, name=name)


@pytest.mark.parametrize(
    ("example", "fields", "marked", "counted"),
    [
        (TEXT, ("text",), (), ("x",)),
        (ENTITIES, ("text",), ((0, 3), (8, 11)), ("name", "name")),
        (QUESTION, ("context", "question"), ((8, 11), (4, 11)), ("answerable",)),
    ],
)
def test_an_example_names_its_texts_and_what_it_marks_in_the_first(
    example: Example,
    fields: tuple[str, ...],
    marked: tuple[tuple[int, int], ...],
    counted: tuple[str, ...],
) -> None:
    assert tuple(name for name, _ in example.text_fields) == fields
    assert example.text_fields[0][1] == "Ann met Bob"
    assert example.marked == marked
    assert example.counted_labels == counted


def test_only_of_a_question_many_rows_share_a_text() -> None:
    assert (TEXT.shared, ENTITIES.shared) == (None, None)
    assert QUESTION.shared == ("context", "Ann met Bob")
    assert group_keys([TEXT, QUESTION]) == [("text", "ann met bob"), ("context", "ann met bob")]


def test_only_a_text_with_one_label_is_out_of_scope() -> None:
    two = ClassificationExample(id="a:1", text="Ann", labels=("x", "y"))
    assert TEXT.is_only("x")
    assert not any(each.is_only("x") for each in (two, ENTITIES, QUESTION))
    assert not ENTITIES.is_only("name")
    assert not QUESTION.is_only("answerable")


def test_answers_are_equal_in_any_order_and_other_where_one_is_missing() -> None:
    one = QAExample(id="b:2", context="c", question="q", answers=ANSWERS[::-1])
    assert one.answer_key == QUESTION.answer_key
    fewer = QAExample(id="b:2", context="c", question="q", answers=ANSWERS[:1])
    assert fewer.answer_key != QUESTION.answer_key


def test_rows_of_one_shared_text_stay_together_in_a_new_task() -> None:
    rows = pairs("t", [(PREMISE, "One."), (PREMISE, "Two."), ("Else", "Two.")])
    first, second, third = group_keys(rows.examples)
    assert (first, second) == (("text", PREMISE.casefold()),) * 2
    assert third == ("text", "else")


def test_a_shared_text_of_a_new_task_is_found_in_two_parts_by_its_own_name() -> None:
    train = pairs("train", [(PREMISE, "It opens at nine."), ("Another text.", "It rains.")])
    other = pairs("other", [(PREMISE, "It is shut at noon."), ("A third text.", "It snows.")])
    found = {each.kind: each for each in check_parts({"train": train, "test": other}).findings}
    shared = found["shared-group"]
    assert shared.message == "1 row of one part shares its text with another part"
    assert [str(row) for row in shared.rows] == ["other:1 (the text of train:1 in train)"]
    assert "leak" not in found


def test_near_repeats_of_a_new_task_are_looked_for_in_what_is_not_shared() -> None:
    second = "The hall is shut on the last Monday of every month, says the sign"
    near = second.replace("sign", "signs")
    rows = [(PREMISE, second), (PREMISE, "It rains."), (PREMISE, near), (PREMISE, "It snows a lot")]
    (finding,) = (
        each
        for each in check_parts({"train": pairs("t", rows)}).findings
        if each.kind == "near-duplicate"
    )
    assert [row.id for row in finding.rows] == ["t:3"]


@pytest.mark.parametrize(
    ("reason", "kind", "severity"),
    [
        ("empty text_pair", "empty-text", "warning"),
        ("empty row", "blank-line", "note"),
        ("no such thing", "left-out", "note"),
    ],
)
def test_a_row_with_any_text_empty_is_to_be_completed(
    reason: str, kind: str, severity: str
) -> None:
    file = SourceFile(path=Path("a"), sha256="0" * 64, rows=1, skipped_at={reason: ("a:2",)})
    (found,) = find_skipped(Rows(task="classification", examples=(TEXT,), files=(file,)))
    assert (found.kind, found.severity) == (kind, severity)
