"""This task's part of training: what copying and a lexicon of words reach."""

from __future__ import annotations

from functools import partial

from burnish.tasks.base import Task

from ...data.splits import EncodedParts
from ..kind import TrainingTask
from ..written import NO_CURVE, Writer, score_writer
from .lexicon import fit_lexicon

__all__ = ["COPY", "LEXICON", "TASK"]

COPY = "the source itself"
LEXICON = "a word lexicon (IBM model 1)"
"""The baselines' names in reports."""


def _copy(task: Task, parts: EncodedParts) -> Writer:
    del task, parts
    return str


def _lexicon(task: Task, parts: EncodedParts) -> Writer:
    del task
    pairs = [(example.source, example.target) for example in parts.train.examples]
    return fit_lexicon(pairs).translate


TASK = TrainingTask(
    baselines={COPY: partial(score_writer, _copy), LEXICON: partial(score_writer, _lexicon)},
    frozen=NO_CURVE,
)
