"""Errors of summaries: the key sentences that were passed over, and those given in their place."""

from __future__ import annotations

from collections.abc import Iterable

from typing_extensions import override

from burnish.tasks.errors import ErrorReader, WrongAnswer
from burnish.tasks.summary.example import SummaryExample
from burnish.tasks.summary.prediction import Summary

__all__ = ["SummaryErrors"]


class SummaryErrors(ErrorReader[SummaryExample, Summary]):
    """Errors of summaries, by the sentences' places; ``passed over`` and ``not key``."""

    @override
    def describe(self, example: SummaryExample, prediction: Summary) -> WrongAnswer:
        true, said = set(example.key), prediction.spans
        odd = [e.score for e in prediction.sentences if (e.start, e.end) not in true]
        return WrongAnswer(_listed(true - said), _listed(said - true), max(odd, default=0.0))

    @override
    def kinds(self, example: SummaryExample, prediction: Summary) -> Iterable[str]:
        true, said = set(example.key), prediction.spans
        return ["passed over"] * len(true - said) + ["not key"] * len(said - true)


def _listed(places: Iterable[tuple[int, int]]) -> str:
    return ", ".join(f"{start} to {end}" for start, end in sorted(places))
