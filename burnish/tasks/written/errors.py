"""Errors of written answers: what is wrong with a text that can be told without reading it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from typing_extensions import override

from burnish.data.content import folded
from burnish.plural import plural
from burnish.tasks.errors import ErrorReader, WrongAnswer
from burnish.tasks.ngrams import ngrams, tokens
from burnish.tasks.written.example import WrittenExample
from burnish.tasks.written.prediction import Written

__all__ = ["WrittenErrors"]

_SHORT, _LONG = 0.5, 2.0
"""Shares of the true text's words below and above which an answer is too short or too long."""
_RUN, _TIMES = 3, 3
_LEVELS = ((10, "1 to 10"), (25, "11 to 25"), (50, "26 to 50"), (200, "51 to 200"))


class WrittenErrors(ErrorReader[WrittenExample, Written]):
    """Errors of written answers.

    ``empty``: nothing was written; ``copied``: the source was; ``repetitive``: it says three words
    three times, which the true text does not; ``cut off``: it has the most tokens that are allowed;
    ``too short`` and ``too long``: it has under half or over twice the true text's words; ``other
    words``: none of these.
    """

    @override
    def describe(self, example: WrittenExample, prediction: Written) -> WrongAnswer:
        """The lengths of both texts: the texts themselves are not shown."""
        true, said = (
            plural(len(tokens(text)), "# [word|words]") if text else ""
            for text in (example.target, prediction.text)
        )
        return WrongAnswer(true, said, prediction.writing.score)

    @override
    def kinds(self, example: WrittenExample, prediction: Written) -> Iterator[str]:
        text = prediction.text
        if text == example.target:
            return
        if not text.strip():
            yield "empty"
            return
        found = [*_kinds(example, prediction)]
        yield from found or ["other words"]

    @override
    def slices(self, example: WrittenExample) -> Iterator[tuple[str, str]]:
        """By the length of the source."""
        words = len(example.source.split())
        name = next((name for most, name in _LEVELS if words <= most), "more than 200")
        yield "words of the source", name


def _kinds(example: WrittenExample, prediction: Written) -> Iterator[str]:
    if folded(prediction.text) == folded(example.source) != folded(example.target):
        yield "copied"
    said, true = tokens(prediction.text), tokens(example.target)
    if _most(said) >= _TIMES > _most(true):
        yield "repetitive"
    if not prediction.writing.ended:
        yield "cut off"
    if len(said) < _SHORT * len(true):
        yield "too short"
    elif len(said) > _LONG * len(true):
        yield "too long"


def _most(words: list[str]) -> int:
    """How often the commonest three words in a row occur."""
    runs: Counter[tuple[str, ...]] = ngrams(words, _RUN)
    return max(runs.values(), default=0)
