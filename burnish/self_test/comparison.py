"""Answers of a self-test: how export records them, and how a replay compares them.

The same text must get the same answer, with scores within the tolerance. An answer that a change of
that size may turn (two labels nearly as good, a score next to its threshold) is a tie, and the
other answer is not a mismatch; its scores must agree all the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, Literal

from burnish.errors import InputError
from burnish.plural import plural
from burnish.self_test.record import EitherProbe, ProbeAnswer, Probes, Unanswered
from burnish.tasks import Prediction, Task
from burnish.tasks.table import find_task

__all__ = ["TOLERANCES", "answer_record", "mismatches"]

TOLERANCES: Final[dict[Literal["fp32", "int8"], float]] = {"fp32": 0.001, "int8": 0.05}
"""How far a score may lie from the recorded one, by precision; the reason is in
docs/reference/bundle.md."""


def answer_record(
    task: Task, prediction: Prediction | None, *, tolerance: float, close: bool
) -> ProbeAnswer:
    """A manifest's record of an answer.

    Args:
        task: the bundle's task.
        prediction: the answer; None if the model cannot read the probe.
        tolerance: how far a score may lie from the recorded one.
        close: whether a change of the logits within the tolerance finds other entities.
    """
    if prediction is None:
        return Unanswered()
    recorder = find_task(task.task).recorder
    return recorder.record(task, prediction, tolerance=tolerance, close=close)


def mismatches(
    recorded: Probes, answers: Sequence[Prediction | InputError], task: Task
) -> Iterator[str]:
    """The differences, one sentence each: number of the text, label or place, and both figures.

    Args:
        recorded: the manifest's answers.
        answers: one per probe, in order.
        task: the bundle's task.
    """
    if len(answers) != len(recorded.answers):
        yield (
            plural(len(recorded.answers), "the self-test records # [answer|answers], ")
            + plural(len(answers), "and asks # [text|texts]")
        )
        return
    pairs = zip(recorded.answers, answers, strict=True)
    for number, (before, now) in enumerate(pairs, start=1):
        for difference in _differences(before, now, task, recorded.tolerance):
            yield f"self-test {number}: {difference}"


def _differences(
    before: ProbeAnswer, now: Prediction | InputError, task: Task, tolerance: float
) -> Iterator[str]:
    if isinstance(before, Unanswered) or isinstance(now, InputError):
        if not isinstance(now, InputError):
            yield "the model answers it, and did not at export"
        elif not isinstance(before, Unanswered):
            yield f"the model cannot answer it: {now.message}"
        return
    recorder = find_task(task.task).recorder
    if (before.tokens, before.windows) != (now.tokens, now.windows):
        size, then = _size(now.tokens, now.windows), _size(before.tokens, before.windows)
        yield f"{size}, recorded {then}"
    elif isinstance(before, recorder.record_type):
        yield from recorder.differences(before, now, task, tolerance=tolerance)
    elif not isinstance(before, EitherProbe):
        yield f"{before.kind} are recorded, of another task"


def _size(tokens: int, windows: int) -> str:
    return plural(tokens, "# [token|tokens] in ") + plural(windows, "# [window|windows]")
