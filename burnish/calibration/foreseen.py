"""Foreseen thresholds: which of them the validation rows are too few for, known before training."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence

from burnish.plural import plural
from burnish.tasks import Example, Task
from burnish.tasks.aims import ENOUGH, Aim, read_aim

__all__ = ["foresee_thresholds"]

_CONFIDENCE = 0.95
_SHOWN = 5


def foresee_thresholds(task: Task, examples: Sequence[Example]) -> tuple[str, ...]:
    """Say which thresholds validation rows cannot settle, whatever the model answers.

    Args:
        task: names the labels, and what the thresholds are tuned for.
        examples: the validation rows.

    Returns:
        A sentence per reason; none where every threshold can be settled.
    """
    if not task.gives_probabilities:
        return ()
    aim = read_aim(task.aim)
    if task.tree is not None and task.several_labels:
        return ()  # a threshold belongs to a level, which has the rows of all its labels
    if task.several_labels:
        return tuple(_of_labels(task, examples, aim))
    if aim.kind == "f1":
        return ()
    answers = sum(task.most_right(example) for example in examples)
    least = _least(aim)
    if answers >= least:
        return ()
    return (
        plural(answers, "at most # validation [answer|answers] can be right: too few to tell ")
        + f"{_told(aim)} from luck. {least} are needed",
    )


def _of_labels(task: Task, examples: Sequence[Example], aim: Aim) -> Iterator[str]:
    counts = Counter(name for example in examples for name in example.class_names)
    found = sorted((counts[label], label) for label in task.answer_labels)
    few = [(count, label) for count, label in found if count < ENOUGH]
    if few:
        yield (
            plural(
                len(few),
                "# [label has|labels have] too few validation rows for [a threshold of its own and "
                "shares|thresholds of their own and share]",
            )
            + f" that of all labels together: {_listed(few)}. Each needs {ENOUGH} rows that have it"
        )
    if aim.kind == "f1":
        return
    least = _least(aim)
    unsure = [(count, label) for count, label in found if ENOUGH <= count < least]
    if unsure:
        yield (
            plural(len(unsure), "# [label has|labels have] too few validation rows to tell ")
            + f"{_told(aim)} from luck: {_listed(unsure)}. Each needs {least} rows that have it"
        )


def _least(aim: Aim) -> int:
    """How many answers, all of them right, show that the aim is reached."""
    return math.ceil(math.log(1 - _CONFIDENCE) / math.log(aim.least))


def _told(aim: Aim) -> str:
    return f"a {aim.kind} of {aim.least:g}"


def _listed(few: Sequence[tuple[int, str]]) -> str:
    named = ", ".join(f"{label} ({count})" for count, label in few[:_SHOWN])
    return named + (", …" if len(few) > _SHOWN else "")
