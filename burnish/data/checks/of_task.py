"""What the task of a subject's rows says to the checks.

It is asked here and not by ``Subject``, which the contract names: that would be a circle.
"""

from __future__ import annotations

from burnish.data.checks.subject import Subject
from burnish.tasks.checks import TaskChecks
from burnish.tasks.table import find_task

__all__ = ["checks_of", "counted_noun", "has_one_label"]


def checks_of(subject: Subject) -> TaskChecks:
    """What its task asks of rows."""
    return find_task(subject.task).checks


def counted_noun(subject: Subject) -> str:
    """What is counted of each label, in the plural."""
    return find_task(subject.task).settings.support_noun[1]


def has_one_label(subject: Subject) -> bool:
    """Whether each text as a whole has exactly one label."""
    labels = checks_of(subject).labels
    return labels is not None and labels.of_texts and not subject.train.multi_label
