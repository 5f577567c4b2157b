"""The self-test's answers: scores, compared in standard deviations of the training rows'."""

from __future__ import annotations

from collections.abc import Iterator

from typing_extensions import override

from burnish.self_test.record import ScoreProbe
from burnish.self_test.recorder import Recorder, seen
from burnish.tasks.regression.prediction import Score
from burnish.tasks.regression.settings import RegressionTask

__all__ = ["RECORDER"]

_STEEPEST = 4
"""A probability moves by at most a quarter of its logit, and here the logit is the answer: so the
tolerance, which is one of probabilities, is four times as wide."""


class _ScoreRecorder(Recorder[RegressionTask, Score, ScoreProbe]):
    record_type = ScoreProbe

    @override
    def record(
        self, task: RegressionTask, prediction: Score, *, tolerance: float, close: bool
    ) -> ScoreProbe:
        return ScoreProbe(score=prediction.score, **seen(prediction))

    @override
    def differences(
        self, before: ScoreProbe, now: Score, task: RegressionTask, *, tolerance: float
    ) -> Iterator[str]:
        allowed = _STEEPEST * tolerance * task.spread
        if not abs(now.score - before.score) <= allowed:
            yield (
                f"the score is {now.score:.6g}, recorded {before.score:.6g} "
                f"(tolerance {allowed:.2g})"
            )


RECORDER = _ScoreRecorder()
