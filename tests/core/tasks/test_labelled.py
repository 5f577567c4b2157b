"""What tasks share that give labels to a whole input."""

from __future__ import annotations

from burnish.tasks import ClassificationTask
from burnish.tasks.classification.example import ClassificationExample
from burnish.tasks.heads import Head
from burnish.tasks.labelled import LabelledTask, gives_labels
from burnish.tasks.table import TASKS, find_task


def test_every_labelled_task_has_the_head_that_labels_need() -> None:
    labelled = [name for name in TASKS if gives_labels(name)]
    assert "classification" in labelled
    assert not gives_labels("qa")
    assert not gives_labels("extraction")
    assert {find_task(name).settings.head for name in labelled} == {Head.SEQUENCE}


def test_a_task_is_a_labelled_one() -> None:
    assert isinstance(ClassificationTask(labels=("a",)), LabelledTask)


def test_the_manifest_keeps_the_order_of_its_keys() -> None:
    keys = list(ClassificationTask(labels=("a",)).model_dump())
    assert keys[4:7] == ["task", "labels", "multi_label"]


def test_a_label_is_a_row_by_its_name() -> None:
    row = ClassificationTask(labels=("card_lost",)).name_example("card_lost", "card lost")
    assert row == ClassificationExample(
        id="label:card_lost", text="card lost", labels=("card_lost",)
    )
    assert row.class_names == ("lost",)
