"""Labels of rows as the linear probe and the TF-IDF regression take them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from burnish.tasks import ClassificationTask
from burnish.tasks.classification.example import ClassificationExample
from burnish.tasks.classification.prediction import Classification, LabelScore
from burnish.tasks.encoded import encode_rows
from burnish.training.evaluation.scoring import label_targets


def _rows(task: ClassificationTask, base: Path, *labels: tuple[str, ...]):
    examples = [
        ClassificationExample(id=str(number), text="my card is late " * 9, labels=each)
        for number, each in enumerate(labels)
    ]
    return encode_rows(task, examples, task.text_encoder(base / "tokenizer.json"))


def test_one_label_per_row_is_its_place(bert: Path) -> None:
    task = ClassificationTask(labels=("a", "b", "c"), max_length=16, stride=0)
    rows = _rows(task, bert, ("c",), ("a",), ("b",))
    assert len(rows.encodings[0].windows) > 1  # a row counts once, however many windows it has
    assert label_targets(task, rows).tolist() == [2, 0, 1]


def test_several_labels_are_a_column_each(bert: Path) -> None:
    task = ClassificationTask(labels=("a", "b"), multi_label=True, max_length=16, stride=0)
    found = label_targets(task, _rows(task, bert, ("b",), (), ("a", "b")))
    assert found.dtype == np.bool_
    assert found.tolist() == [[False, True], [False, False], [True, True]]


@pytest.mark.parametrize(("several", "pair"), [(False, ("a", "b")), (True, None)])
def test_a_row_has_one_label_and_gets_one_unless_it_may_have_several(several, pair) -> None:
    task = ClassificationTask(labels=("a", "b"), multi_label=several)
    said = Classification(labels=("b",), scores=(LabelScore("b", 0.9),), tokens=1, windows=1)
    example = ClassificationExample(id="1", text="x", labels=("a",))
    assert task.one_label(example, said) == pair
