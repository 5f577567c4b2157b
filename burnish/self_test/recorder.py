"""Recorders: how a task's answers are written into a manifest, and compared where they recur."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from typing import Any, Generic, TypedDict, TypeVar

from burnish.arrays import FloatArray
from burnish.self_test.record import ProbeAnswer
from burnish.tasks.predictions import Prediction
from burnish.tasks.windows import Encoding

__all__ = ["DIGITS", "Recorder", "Seen", "score_differences", "seen"]

DIGITS = 6
"""Decimals of a recorded score."""
_ROUNDING = 1e-6

TaskT = TypeVar("TaskT")
PredictionT = TypeVar("PredictionT", bound=Prediction)
RecordT = TypeVar("RecordT")


class Seen(TypedDict):
    """How much of a probe the model has read."""

    tokens: int
    windows: int


class Recorder(ABC, Generic[TaskT, PredictionT, RecordT]):
    """The self-test of one task."""

    record_type: type[RecordT]
    """The record that a manifest holds of an answer."""

    @abstractmethod
    def record(
        self, task: TaskT, prediction: PredictionT, *, tolerance: float, close: bool
    ) -> ProbeAnswer:
        """What a manifest records of an answer.

        Args:
            task: the bundle's.
            prediction: the answer.
            tolerance: of the scores.
            close: as `is_close`.
        """

    @abstractmethod
    def differences(
        self, before: RecordT, now: PredictionT, task: TaskT, *, tolerance: float
    ) -> Iterator[str]:
        """What differs beyond the tolerance, without ties; one sentence each."""

    def is_close(
        self,
        task: TaskT,
        given: Any,
        encoding: Encoding,
        logits: Sequence[FloatArray],
        *,
        shift: float,
    ) -> bool:
        """Whether logits that move by ``shift`` give another answer where scores show no tie.

        Args:
            task: the bundle's.
            given: the probe.
            encoding: of it.
            logits: one array per window.
            shift: how far each may move.
        """
        del task, given, encoding, logits, shift
        return False


def seen(prediction: Prediction) -> Seen:
    """How much the model has read, for a record."""
    return {"tokens": prediction.tokens, "windows": prediction.windows}


def score_differences(
    what: str, before: float, now: float | None, *, tolerance: float
) -> Iterator[str]:
    """A sentence where a score is missing, or is not the recorded one within the tolerance."""
    if now is None:
        yield f"{what} has no score, recorded {before:.4f}"
    elif not abs(now - before) <= tolerance + _ROUNDING:
        yield f"{what} has the score {now:.4f}, recorded {before:.4f} (tolerance {tolerance:g})"
