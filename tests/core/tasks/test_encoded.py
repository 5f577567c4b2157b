"""Rows encoded once: which are kept, drawn and refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from burnish.errors import DataError
from burnish.tasks import ClassificationTask, QATask
from burnish.tasks.classification.example import ClassificationExample
from burnish.tasks.encoded import encode_rows
from burnish.tasks.qa.example import QAExample

TASK = ClassificationTask(labels=("a", "b"), max_length=16, stride=4)


def rows(*texts: str) -> list[ClassificationExample]:
    return [ClassificationExample(id=f"r:{n}", text=t, labels=("a",)) for n, t in enumerate(texts)]


def test_rows_and_what_was_made_of_them_stay_together(wordpiece: Path) -> None:
    found = encode_rows(TASK, rows("card", "lost " * 20, "new"), TASK.text_encoder(wordpiece))
    assert len(found) == 3
    assert found.inputs == ("card", "lost " * 20, "new")
    assert [encoding.tokens for encoding in found.encodings] == [1, 20, 1]
    assert len(found.windows) == 2 + len(found.encodings[1].windows)
    some = found.take([2, 0])
    assert [each.id for each in some.examples] == ["r:2", "r:0"]
    assert some.inputs == ("new", "card")
    assert some.encodings == (found.encodings[2], found.encodings[0])


def test_a_draw_is_of_different_rows_in_their_order(wordpiece: Path) -> None:
    found = encode_rows(TASK, rows(*["card"] * 30), TASK.text_encoder(wordpiece))
    drawn = found.draw(10, seed=1)
    assert len(set(drawn)) == 10
    assert drawn == sorted(drawn) == found.draw(10, seed=1) != found.draw(10, seed=2)
    assert drawn != list(range(10))
    assert found.draw(30, seed=1) == found.draw(31, seed=1) == list(range(30))


def test_questions_that_leave_no_room_are_kept_apart(wordpiece: Path) -> None:
    task = QATask(max_length=16, stride=4)
    asked = [
        QAExample(id=f"q:{n}", question=question, context="the card", answers=())
        for n, question in enumerate(["where", "card " * 8, "card " * 9])
    ]
    found = encode_rows(task, asked, task.text_encoder(wordpiece))
    assert [each.id for each in found.examples] == ["q:0", "q:1"]
    assert [each.id for each in found.unreadable] == ["q:2"]


def test_a_row_that_cannot_be_encoded_is_named(wordpiece: Path) -> None:
    with pytest.raises(DataError, match="r:1: the text is empty") as caught:
        encode_rows(TASK, rows("card", " "), TASK.text_encoder(wordpiece))
    assert caught.value.hint == "send a text with at least one character"
