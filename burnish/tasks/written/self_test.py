"""The self-test's written answers: the text, and how sure the model was of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from typing_extensions import override

from burnish.self_test.record import WrittenProbe
from burnish.self_test.recorder import DIGITS, Recorder, seen
from burnish.tasks.written.prediction import Writing, Written
from burnish.tasks.written.settings import WrittenTask

__all__ = ["RECORDER"]

_MOST_CHANGED = 0.7
"""The part of the words and pairs of words that may differ. A model's likeliest token changes where
rounding does, and all that follows with it; a model that is broken shares next to nothing."""


class _WrittenRecorder(Recorder[WrittenTask, Written, WrittenProbe]):
    record_type = WrittenProbe

    @override
    def record(
        self, task: WrittenTask, prediction: Written, *, tolerance: float, close: bool
    ) -> WrittenProbe:
        score = round(prediction.writing.score, DIGITS)
        return WrittenProbe(text=prediction.text, score=score, **seen(prediction))

    @override
    def differences(
        self, before: WrittenProbe, now: Written, task: WrittenTask, *, tolerance: float
    ) -> Iterator[str]:
        recorded = replace(now, writing=Writing(before.text, before.score))
        changed = recorded.distance(now)
        if changed > _MOST_CHANGED:
            yield f"{100 * changed:.0f} % of the words are others than were recorded"


RECORDER = _WrittenRecorder()
