"""This task's part of training: what the first sentences of a document reach."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from burnish.tasks.base import Task
from burnish.tasks.written.example import WrittenExample

from ...data.splits import EncodedParts
from ..kind import TrainingTask
from ..summary.baselines import first_sentences
from ..written import NO_CURVE, Writer, main_score, score_writer

__all__ = ["LEAD", "TASK"]

LEAD = "the first sentences"
"""The baseline's name in reports."""

_COUNTS = (1, 2, 3, 4, 5, 6, 8, 10)
"""Of which the best on validation is taken, as for extractive summaries."""
_MOST_TUNED = 300


def _lead(task: Task, parts: EncodedParts) -> Writer:
    """As many first sentences as score best on validation."""
    known: Sequence[WrittenExample] = parts.validation.examples[:_MOST_TUNED]
    writers = [partial(first_sentences, count=count) for count in _COUNTS]
    return max(writers, key=lambda write: main_score(write, task, known))


TASK = TrainingTask(baselines={LEAD: partial(score_writer, _lead)}, frozen=NO_CURVE)
