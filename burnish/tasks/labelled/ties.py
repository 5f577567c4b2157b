"""Ties: labels that a small change of the scores would give, or give no longer."""

from __future__ import annotations

from collections.abc import Mapping

from burnish.tasks.labelled import Labelled

__all__ = ["undecided"]


def undecided(task: Labelled, scores: Mapping[str, float], *, tolerance: float) -> set[str]:
    """Which of several labels some scores within the tolerance give, and some do not.

    Args:
        task: with several labels.
        scores: by label.
        tolerance: how far each score may be from the one that is meant.
    """
    least = {label: task.thresholds.get(label, 0.5) for label in scores}
    near = {label for label, score in scores.items() if abs(score - least[label]) <= tolerance}
    sure = {label for label, score in scores.items() if score >= least[label]} - near
    if sure or not scores or not task.gives_best:
        return near
    lowest = {name: task.own_score(name, score - tolerance) for name, score in scores.items()}
    highest = {name: task.own_score(name, score + tolerance) for name, score in scores.items()}
    floor = max(lowest.values())
    may = near | {name for name, score in highest.items() if score >= floor}
    # One of them is given whatever the scores are, so one alone is certain.
    return may if len(may) > 1 else set()
