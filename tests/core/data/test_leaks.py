"""Rows that stand in two parts are reported for each pair of parts."""

from __future__ import annotations

import pytest

from burnish.data import ClassificationExample, Rows, split_rows
from burnish.data.split import Leak
from tests.core.data.example_rows import rows_of


def rows_saying(texts: str, *, name: str) -> Rows:
    """A row for each letter."""
    examples = [
        ClassificationExample(id=f"{name}:{n}", text=text, labels=("ab"[n % 2],))
        for n, text in enumerate(texts)
    ]
    return rows_of("classification", examples, name=name)


@pytest.mark.parametrize(
    ("validation", "test", "leaks"),
    [
        ("efgh", "ijkl", ()),
        ("eBgA", "ijkl", (Leak("validation", "train", ("validation:1", "validation:3")),)),
        ("efgh", "ijkC", (Leak("test", "train", ("test:3",)),)),
        ("efgh", "iFkl", (Leak("test", "validation", ("test:1",)),)),
        (
            "afgh",
            "ajgl",
            (
                Leak("validation", "train", ("validation:0",)),
                Leak("test", "train", ("test:0",)),
                Leak("test", "validation", ("test:0", "test:2")),
            ),
        ),
    ],
)
def test_rows_that_stand_in_two_files_are_reported_for_each_pair_of_parts(
    validation: str, test: str, leaks: tuple[Leak, ...]
) -> None:
    split = split_rows(
        rows_saying("abcd", name="train"),
        validation=rows_saying(validation, name="validation"),
        test=rows_saying(test, name="test"),
        seed=1,
    )
    assert split.leaked == leaks
    named = {f"{leak.part} in {leak.source}": len(leak.ids) for leak in leaks}
    assert split.record().leaked == named


def test_a_test_cut_from_the_training_rows_may_stand_in_a_validation_file() -> None:
    train = rows_saying("abcdefghij", name="train")
    split = split_rows(train, validation=rows_saying("abcdefghij", name="other"), test=0.2, seed=1)
    (seen, again) = split.leaked
    assert (seen.part, seen.source, len(seen)) == ("validation", "train", 8)
    assert (again.part, again.source, len(again)) == ("test", "validation", 2)
    assert set(again.ids) == {example.id for example in split.test or ()}
