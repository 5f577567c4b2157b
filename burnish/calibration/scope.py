"""Out of scope: whether a classifier is less sure of texts that belong under none of its labels.

Such texts are not a class of their own. The highest score separates them from the others, though
not perfectly (Hendrycks & Gimpel 2017).
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np
import numpy.typing as npt

from burnish.calibration.rowed import Rowed
from burnish.errors import ConfigError
from burnish.plural import plural
from burnish.tasks import Task
from burnish.tasks.intervals import wilson
from burnish.tasks.scored import LabelScores

__all__ = ["Outside", "auroc", "auroc_interval", "measure_scope", "reject_score", "scope_figures"]

Scores = npt.NDArray[np.float64]

_Z = NormalDist().inv_cdf(0.975)
_HALVINGS = 50
_KEPT = 200
"""How many scores of rows out of scope a bundle keeps."""
_EXACTLY = 1e-9
_ROWS = "# [row|rows]"


@dataclass(frozen=True, slots=True)
class Outside:
    """Rows out of scope, and the logits that a model gives for them."""

    label: str
    rows: Rowed
    logits: Sequence[Any]

    def __len__(self) -> int:
        return len(self.logits)

    def chosen_scores(self, task: Task) -> tuple[float, ...]:
        """The scores of the half that chooses, ascending; at most 200, spread evenly."""
        scores = sorted(
            map(_label_scores(task).said_score, (self.logits[p] for p in self.halves[0]))
        )
        kept = np.linspace(0, len(scores) - 1, num=min(_KEPT, len(scores))).astype(int)
        return tuple(scores[place] for place in kept)

    @property
    def halves(self) -> tuple[list[int], list[int]]:
        """The places of the rows that choose a score, and of the rows that judge it.

        All copies of a text fall on one side, and always on the same one. A single text is on both.
        """
        digests = [hashlib.sha256(each.input_text.encode()).digest() for each in self.rows.examples]
        rank = {digest: number for number, digest in enumerate(sorted(set(digests)))}
        places = range(len(digests))
        if len(rank) < 2:
            return list(places), list(places)
        choosing = [place for place in places if rank[digests[place]] % 2 == 0]
        return choosing, [place for place in places if rank[digests[place]] % 2]


def reject_score(scores: Sequence[float], share: float) -> float:
    """The lowest score that has this share of the scores below it, halfway to the next one.

    Args:
        scores: ascending; at least one.
        share: between 0 and 1.
    """
    ranked = np.asarray(scores, dtype=np.float64)
    last = ranked[math.ceil(share * len(ranked) - _EXACTLY) - 1]
    higher = ranked[ranked > last]
    return float((last + higher[0]) / 2 if len(higher) else np.nextafter(last, 2.0))


def measure_scope(
    task: Task,
    outside: Outside,
    inside: tuple[Rowed, Sequence[Any]],
    *,
    part: str,
    chosen: bool = False,
) -> dict[str, Any]:
    """The document ``out_of_scope``.

    Args:
        task: the fitted task.
        outside: rows out of scope and their logits.
        inside: the rows of a part of the data and their logits.
        part: that part's name.
        chosen: whether half of the rows out of scope chose the score; the other half then judges.
    """
    below, above = _best(task, outside.logits), _best(task, inside[1])
    area = auroc(above, below)
    low, high = auroc_interval(area, len(above), len(below))
    judging = outside.halves[1] if chosen else range(len(outside))
    answered = _answered(task, [outside.logits[place] for place in judging])
    least, most = wilson(answered, len(judging))
    return {
        "label": outside.label,
        "rows": len(below),
        "against": part,
        "against_rows": len(above),
        "auroc": {"value": area, "low": low, "high": high},
        "mean_score": {"in_scope": float(above.mean()), "out_of_scope": float(below.mean())},
        "coverage": {"in_scope": _answered(task, inside[1]), "out_of_scope": answered},
        "answered": {"value": answered, "low": least, "high": most, "rows": len(judging)},
    }


def scope_figures(document: Mapping[str, Any]) -> Iterator[tuple[str, float, str]]:
    """Name, value and detail of the gates on a document ``out_of_scope``."""
    area, said, rows = document["auroc"], document["answered"], document["rows"]
    detail = (
        f"AUROC of the best score: {plural(rows, _ROWS)} out of scope "
        f"({document['label']!r}) against "
        f"{plural(document['against_rows'], _ROWS)} of {document['against']}; 0.5 is chance"
    )
    yield "scope_auroc", area["value"], detail
    detail = (
        f"{_percent(said['value'])} of {plural(said['rows'], _ROWS)} out of scope are answered "
        f"without a mark, and {_percent(document['coverage']['in_scope'])} of the "
        f"{document['against']} rows"
    )
    yield "scope_answered", said["value"], detail


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _answered(task: Task, logits: Sequence[Any]) -> float:
    """The share that is answered without a mark; with several labels, by one label at least."""
    scores = np.array([*map(_label_scores(task).said_score, logits)])
    return float(((scores >= task.abstain_below) & (scores > 0)).mean())


def auroc(higher: Scores, lower: Scores) -> float:
    """The chance that a draw of the first is above one of the second, ties by half."""
    ordered = np.sort(lower)
    below = np.searchsorted(ordered, higher, side="left")
    equal = np.searchsorted(ordered, higher, side="right") - below
    return float((below + equal / 2).mean() / len(lower))


def _best(task: Task, logits: Sequence[Any]) -> Scores:
    return np.array([*map(_label_scores(task).best_score, logits)])


def _label_scores(task: Task) -> LabelScores:
    """The task, which must give scores of labels."""
    if not isinstance(task, LabelScores):
        raise ConfigError(
            f"rows of task {task.task} cannot be out of scope", "leave data.out_of_scope out"
        )
    return task


def auroc_interval(area: float, higher: int, lower: int) -> tuple[float, float]:
    """The 95 % score interval of an AUROC; it has a width at 0 and at 1 too.

    Newcombe (2006, "Confidence intervals for an effect size measure based on the Mann-Whitney
    statistic", part 2, method 5): Hanley & McNeil's variance (1982) at the end that is sought, with
    half of all rows on each side. With one row on each side it is Wilson's interval.

    Args:
        area: the AUROC.
        higher: the number of rows on one side.
        lower: the number of rows on the other.
    """

    def possible(value: float) -> bool:
        return (area - value) ** 2 <= _Z**2 * _variance(value, higher, lower)

    return _edge(possible, area, 0.0), _edge(possible, area, 1.0)


def _variance(area: float, higher: int, lower: int) -> float:
    others = (higher + lower) / 2 - 1
    ties = 1 + others * ((1 - area) / (2 - area) + area / (1 + area))
    return area * (1 - area) * ties / (higher * lower)


def _edge(possible: Callable[[float], bool], inside: float, outside: float) -> float:
    """The last possible value on the way from ``inside`` to ``outside``, by bisection."""
    for _ in range(_HALVINGS):
        middle = (inside + outside) / 2
        inside, outside = (middle, outside) if possible(middle) else (inside, middle)
    return inside
