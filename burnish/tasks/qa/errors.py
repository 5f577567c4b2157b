"""Errors of answers, by what was done instead."""

from __future__ import annotations

from collections.abc import Iterator

from typing_extensions import override

from burnish.tasks.errors import ErrorReader, WrongAnswer
from burnish.tasks.qa.example import QAExample
from burnish.tasks.qa.prediction import QAPrediction
from burnish.tasks.qa.squad import exact_match, token_f1

__all__ = ["AnswerErrors"]

_QUESTION_WORDS = (
    *("who", "what", "when", "where", "which", "why", "how"),
    *("wer", "was", "wann", "wo", "welche", "warum", "wie"),
)


class AnswerErrors(ErrorReader[QAExample, QAPrediction]):
    """Errors of answers.

    ``invented``: the context holds none; ``missed``: it holds one; ``partial``: the two overlap;
    ``elsewhere``: they do not.
    """

    @override
    def describe(self, example: QAExample, prediction: QAPrediction) -> WrongAnswer:
        true = ", ".join(f"{a.start} to {a.start + len(a.text)}" for a in example.answers)
        best = prediction.best
        return WrongAnswer(true, f"{best.start} to {best.end}" if best.text else "", best.score)

    @override
    def kinds(self, example: QAExample, prediction: QAPrediction) -> Iterator[str]:
        answer, accepted = prediction.best.text, [a.text for a in example.answers]
        if exact_match(answer, accepted):
            return
        if not accepted:
            yield "invented"
        elif not answer:
            yield "missed"
        else:
            yield "partial" if token_f1(answer, accepted) else "elsewhere"

    @override
    def slices(self, example: QAExample) -> Iterator[tuple[str, str]]:
        """By the first question word, and by whether the context holds an answer."""
        words = example.question.casefold().split()
        yield "question word", next((w for w in words if w in _QUESTION_WORDS), "other")
        yield "answer", "in the context" if example.answers else "none"

    @override
    def long_text(self, example: QAExample) -> str:
        return example.context
