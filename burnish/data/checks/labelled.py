"""What is checked of tasks that give labels to a text as a whole: one each, or several."""

from __future__ import annotations

from burnish.data.checks.subject import Subject
from burnish.tasks.checks import LabelChecks, Lack, TaskChecks

__all__ = ["LABELLED", "tune_the_head"]

_SUGGEST = "label more: burnish suggest picks the rows that help most"
_FEW_SHOT = f"for so few rows use few-shot tuning (method: setfit) or method: head, and {_SUGGEST}"
_HEAD = f"for so few rows use method: head, which does not change the encoder, and {_SUGGEST}"


def _nothing_to_learn(subject: Subject) -> Lack | None:
    labels = subject.labels
    if not subject.train.multi_label:
        alike = Lack("all rows have one label", "add rows of other labels")
        return alike if len(labels) < 2 else None
    if not labels:
        return Lack("no row has a label", "add rows with labels")
    alike = Lack("every row has the same labels", "add rows with other labels, and with none")
    return alike if len({each.class_names for each in subject.train.examples}) < 2 else None


def tune_the_head(subject: Subject) -> str:
    """What to do about too few rows where few-shot tuning does not go."""
    del subject
    return _HEAD


def _few_rows(subject: Subject) -> str:
    return _HEAD if subject.train.multi_label else _FEW_SHOT


LABELLED = TaskChecks(
    nothing_to_learn=_nothing_to_learn,
    labels=LabelChecks(one="a label", fewest=8, of_texts=True, weighted=True),
    few_rows=_few_rows,
)
