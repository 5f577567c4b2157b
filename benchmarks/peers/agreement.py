"""Whether all subjects serve the same model: without it a comparison of speeds is void."""

from __future__ import annotations

import http.client
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.peers.load import ask_all
from benchmarks.peers.running import Running
from benchmarks.peers.subjects import Scores, baseline

__all__ = ["Agreement", "agreements"]

NEAR = {"fp32": 1e-3, "int8": 1e-3}
"""A score's difference from burnish's own of the same precision, each text alone."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """One subject against burnish of its precision."""

    subject: str
    texts: int
    same_labels: int
    largest_difference: float
    void: bool
    """Its figures would compare different models."""


def agreements(subjects: Sequence[Running], texts: Sequence[str]) -> list[Agreement]:
    """Ask every subject the same texts, one at a time, and compare.

    Raises:
        RuntimeError: burnish itself does not answer.
    """
    answers = {one.subject.name: _scores(one, texts) for one in subjects}
    found = []
    for one in subjects:
        expected = answers[baseline(one.subject.precision)]
        if None in expected:
            raise RuntimeError(f"{baseline(one.subject.precision)} does not answer every text")
        pairs = list(zip(answers[one.subject.name], expected, strict=True))
        same = sum(_same(now, then) for now, then in pairs)
        largest = max(_difference(now, then) for now, then in pairs)
        void = same < len(texts) or largest > NEAR[one.subject.precision]
        found.append(Agreement(one.subject.name, len(texts), same, largest, void))
    return found


def _scores(one: Running, texts: Sequence[str]) -> list[Scores | None]:
    bodies = [one.subject.encode(text) for text in texts]
    answers = ask_all(one.connect, one.subject, bodies, callers=1)
    return [
        one.subject.scores(answer.content) if answer.status == http.client.OK else None
        for answer in answers
    ]


def _same(now: Scores | None, then: Scores | None) -> bool:
    if now is None or then is None:
        return False
    return max(now, key=lambda name: now[name]) == max(then, key=lambda name: then[name])


def _difference(now: Scores | None, then: Scores | None) -> float:
    if now is None or then is None or set(now) != set(then):
        return 1.0
    return max(abs(now[label] - then[label]) for label in then)
