"""The self-test's answers: the two best stretches of the context."""

from __future__ import annotations

from collections.abc import Iterator

from typing_extensions import override

from burnish.self_test.record import StretchProbe
from burnish.self_test.recorder import DIGITS, Recorder, score_differences, seen
from burnish.tasks.qa.prediction import QAPrediction
from burnish.tasks.qa.settings import QATask

__all__ = ["RECORDER"]


class _StretchRecorder(Recorder[QATask, QAPrediction, StretchProbe]):
    record_type = StretchProbe

    @override
    def record(
        self, task: QATask, prediction: QAPrediction, *, tolerance: float, close: bool
    ) -> StretchProbe:
        best = tuple((a.start, a.end, round(a.score, DIGITS)) for a in prediction.answers[:2])
        return StretchProbe(answers=best, **seen(prediction))

    @override
    def differences(
        self, before: StretchProbe, now: QAPrediction, task: QATask, *, tolerance: float
    ) -> Iterator[str]:
        scores = {(a.start, a.end): a.score for a in now.answers}
        for start, end, score in before.answers:
            found = scores.get((start, end), 0.0)
            yield from score_differences(
                f"the answer at {start} to {end}", score, found, tolerance=tolerance
            )
        best, second = before.answers[0], before.answers[-1]
        tie = len(before.answers) > 1 and best[2] - second[2] <= 2 * tolerance
        place = now.best.start, now.best.end
        if place != best[:2] and not tie:
            yield f"the answer is at {place[0]} to {place[1]}, recorded {best[0]} to {best[1]}"


RECORDER = _StretchRecorder()
