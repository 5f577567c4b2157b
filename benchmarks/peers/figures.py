"""What the rounds of a cell come to: rates, latencies, processor time, answers that changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np

from benchmarks.peers.load import Round
from benchmarks.peers.subjects import SUBJECTS, Scores, baseline
from benchmarks.plan import Precision

__all__ = ["Alone", "Figure", "cell_figures", "scores_alone"]

SAME_SCORE = 1e-5
"""Rounding in fp32 moves a score by less."""
PRECISION = {subject.name: subject.precision for subject in SUBJECTS}

Alone = Mapping[str, Mapping[str, Scores]]
"""By subject and text: the scores when one caller asks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One subject under one load."""

    subject: str
    precision: Precision
    workload: str
    callers: int
    rounds: int
    answered: int
    failed: int
    per_s: float | None
    p50_ms: float | None
    p99_ms: float | None
    cpu_ms: float | None
    """Of the server's processes, a text answered."""
    cpu_to_burnish: float | None
    """Median over the rounds of the ratio to burnish of the same precision in that round."""
    rate_to_burnish: float | None
    """The same of texts a second."""
    changed_labels: float | None
    """Share of texts whose best label is another than when asked alone."""
    changed_scores: float | None
    """Share of texts whose scores are others."""


def scores_alone(rounds: Mapping[str, Sequence[Round]]) -> dict[str, dict[str, Scores]]:
    """What the rounds of one caller say."""
    return {name: dict(turns[0].scores) for name, turns in rounds.items()}


def cell_figures(
    rounds: Mapping[str, Sequence[Round]], *, workload: str, callers: int, alone: Alone
) -> list[Figure]:
    """The figures of all subjects under one load."""
    return [
        _figure(
            name,
            turns,
            rounds[baseline(PRECISION[name])],
            workload=workload,
            callers=callers,
            alone=alone.get(name, {}),
        )
        for name, turns in rounds.items()
    ]


def _figure(
    name: str,
    turns: Sequence[Round],
    base: Sequence[Round],
    *,
    workload: str,
    callers: int,
    alone: Mapping[str, Scores],
) -> Figure:
    latencies = [1e3 * s for turn in turns for s in turn.latencies_s]
    answered = len(latencies)
    changed = [_changes(now, alone[text]) for t in turns for text, now in t.scores if text in alone]
    p50, p99 = np.percentile(latencies, [50, 99]).tolist() if latencies else (None, None)
    return Figure(
        subject=name,
        precision=PRECISION[name],
        workload=workload,
        callers=callers,
        rounds=len(turns),
        answered=answered,
        failed=sum(turn.failed for turn in turns),
        per_s=answered / sum(turn.wall_s for turn in turns) if answered else None,
        p50_ms=p50,
        p99_ms=p99,
        cpu_ms=1e3 * sum(turn.cpu_s for turn in turns) / answered if answered else None,
        cpu_to_burnish=_median_ratio(list(map(_cpu_s, turns)), list(map(_cpu_s, base))),
        rate_to_burnish=_median_ratio(list(map(_rate, turns)), list(map(_rate, base))),
        changed_labels=_share([label for label, _ in changed]),
        changed_scores=_share([scores for _, scores in changed]),
    )


def _cpu_s(turn: Round) -> float:
    return turn.cpu_s / len(turn.latencies_s) if turn.latencies_s else 0.0


def _rate(turn: Round) -> float:
    return len(turn.latencies_s) / turn.wall_s


def _median_ratio(ours: Sequence[float], base: Sequence[float]) -> float | None:
    """Of the rounds in which both answered."""
    ratios = [one / other for one, other in zip(ours, base, strict=True) if one and other]
    return median(ratios) if ratios else None


def _changes(now: Scores, then: Scores) -> tuple[bool, bool]:
    """Whether the best label is another, and whether any score is."""
    label = max(now, key=lambda name: now[name]) != max(then, key=lambda name: then[name])
    return label, any(abs(now[name] - then[name]) > SAME_SCORE for name in then)


def _share(values: Sequence[bool]) -> float | None:
    return sum(values) / len(values) if values else None
