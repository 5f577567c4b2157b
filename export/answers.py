"""Answers of a graph, by the runtime's own session and the task's own ``decode``.

What is verified here is computed as it is served: window by window, batch 1, no padding.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from burnish.arrays import FloatArray
from burnish.runtime.session import Session
from burnish.tasks import Prediction, Task
from burnish.tasks.answered import Logits, answer_rows, decode_rows
from burnish.tasks.encoded import EncodedRows
from burnish.tasks.evaluation import Evaluation
from burnish.tasks.windows import Window

__all__ = [
    "Answering",
    "Answers",
    "ask",
    "ask_at_once",
    "count_flips",
    "decode",
    "largest_difference",
    "open_session",
    "score",
]


class Answering(Protocol):
    """A model in memory that answers window by window, as the runtime does."""

    def run(self, window: Window) -> FloatArray:
        """The logits of a window, or what is written for it."""


@dataclass(frozen=True, slots=True)
class Answers:
    """Logits and decoded answers, one of each per row."""

    logits: Logits
    """One array per window of each row."""
    predictions: tuple[Prediction, ...]

    def take(self, indices: Sequence[int]) -> Answers:
        """The answers to some of the rows."""
        return Answers(
            [self.logits[i] for i in indices], tuple(self.predictions[i] for i in indices)
        )


def open_session(graph: Path, *, task: Task, inputs: tuple[str, ...]) -> Session:
    """Load a graph as the runtime loads it."""
    return Session(graph, inputs=inputs, outputs=task.output_names)


def ask(session: Answering, task: Task, rows: EncodedRows) -> Answers:
    """Answer every row."""
    logits = [[session.run(window) for window in encoding.windows] for encoding in rows.encodings]
    return decode(task, rows, logits)


def ask_at_once(session: Answering, task: Task, rows: EncodedRows, *, threads: int) -> Answers:
    """Answer every row, as many windows at once as there are threads; the answers are the same."""
    with ThreadPoolExecutor(threads) as pool:
        answered = pool.map(session.run, rows.windows)
        logits = [[next(answered) for _ in encoding.windows] for encoding in rows.encodings]
    return decode(task, rows, logits)


def decode(task: Task, rows: EncodedRows, logits: Logits) -> Answers:
    """Decode logits of torch or of a graph."""
    return Answers(logits, decode_rows(task, rows, logits))


def largest_difference(one: Logits, other: Logits) -> float:
    """The largest difference of a logit; infinite where shapes differ or a number is not finite."""
    largest = 0.0
    for ones, others in zip(one, other, strict=True):
        for left, right in zip(ones, others, strict=True):
            if left.shape != right.shape or not np.isfinite(left - right).all():
                return float("inf")
            largest = max(largest, float(np.abs(left - right).max()))
    return largest


def count_flips(task: Task, one: Answers, other: Answers) -> int:
    """How many rows have different answers."""
    pairs = zip(one.predictions, other.predictions, strict=True)
    return sum(not task.same_answer(left, right) for left, right in pairs)


def score(task: Task, rows: EncodedRows, answers: Answers) -> Evaluation:
    """Score answers as training does: a question that cannot be read counts as unanswered."""
    return answer_rows(task, rows, answers.predictions).evaluate(task, resamples=1)
