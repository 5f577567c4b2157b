"""Errors of scores: true scores that lie outside the interval of the given one."""

from __future__ import annotations

from collections.abc import Iterable

from typing_extensions import override

from burnish.tasks.errors import ErrorReader, WrongAnswer
from burnish.tasks.regression.example import ScoreExample
from burnish.tasks.regression.prediction import Score

__all__ = ["ScoreErrors"]


class ScoreErrors(ErrorReader[ScoreExample, Score]):
    """Errors of scores. The list of mistakes begins with the largest."""

    @override
    def describe(self, example: ScoreExample, prediction: Score) -> WrongAnswer:
        """The larger the error, the nearer the last figure comes to 1."""
        off = abs(example.score - prediction.score) / prediction.spread
        return WrongAnswer(f"{example.score:g}", f"{prediction.score:.4g}", off / (1 + off))

    @override
    def kinds(self, example: ScoreExample, prediction: Score) -> Iterable[str]:
        if prediction.holds(example.score):
            return ()
        return ("too high",) if prediction.score > example.score else ("too low",)
