"""This task's part of training."""

from __future__ import annotations

from collections.abc import Sequence

from burnish.plural import plural
from burnish.tasks.qa.example import QAExample

from ...diagnostics.frozen import NoReader
from ..kind import TrainingTask
from .sentences import SENTENCES, score_sentences
from .synthetic_questions import PRACTICE

__all__ = ["TASK"]


def _no_curve(examples: Sequence[QAExample]) -> str:
    contexts = {example.context for example in examples}
    return (
        plural(len(examples), "# [question|questions] on ")
        + plural(len(contexts), "# [context|contexts]")
        + ". burnish has no cheap learning curve for question answering: train on half of the "
        "contexts and on all, and compare"
    )


TASK = TrainingTask(
    baselines={SENTENCES: score_sentences},
    practice=PRACTICE,
    frozen=NoReader(_no_curve, "question answering has no cheap classifier for this"),
)
