"""What is checked of scores: that they differ, and that no few of them decide everything."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import numpy as np

from burnish.data.checks.finding import Finding, found_at
from burnish.data.checks.subject import Entry, Subject
from burnish.plural import plural
from burnish.tasks.checks import Lack, TaskChecks
from burnish.tasks.regression.example import ScoreExample
from burnish.tasks.regression.levels import seem_levels

__all__ = ["CHECKS"]

_FEW = 10
"""As many different scores or fewer are rather levels."""
_FAR = 5.0
"""Interquartile ranges beyond the quartiles: Tukey's "far out" is 3 (1977)."""
_SKEWED = 2.0
"""Skewness of an exponential distribution."""
_ENOUGH = 20
"""Rows from which the shape of a distribution is looked at."""
_MOST_SHARE = 0.5


def _scored(subject: Subject) -> list[tuple[Entry, float]]:
    """The training rows with their scores."""
    return [
        (entry, entry.example.score)
        for entry in subject.of_part("train")
        if isinstance(entry.example, ScoreExample)
    ]


def _nothing_to_learn(subject: Subject) -> Lack | None:
    scores = {score for _, score in _scored(subject)}
    if len(scores) > 1:
        return None
    return Lack(f"all rows have the score {min(scores):g}", "add rows with other scores")


def _find_few_values(subject: Subject) -> Iterator[Finding]:
    """Few different scores: levels, or even classes."""
    rows = _scored(subject)
    scores = {score for _, score in rows}
    if 1 < len(scores) <= _FEW < len(rows):
        listed = ", ".join(f"{score:g}" for score in sorted(scores))
        yield Finding(
            kind="few-scores",
            severity="note",
            message=f"there are only {len(scores)} different scores: {listed}",
            fix=_levels_fix(scores),
            rows=(rows[0][0].place,),
        )


def _levels_fix(scores: set[float]) -> str:
    labels = "if they have no order, they are labels of another task"
    if seem_levels(scores):
        return (
            "a training takes them for levels: answers also have the nearest one "
            f"(regression.ordinal: false if they are not); {labels}"
        )
    return f"if they are levels in an order, set regression.ordinal: true; {labels}"


def _find_outliers(subject: Subject) -> Iterator[Finding]:
    """Scores so far from the others that squared errors would follow them."""
    rows = _scored(subject)
    if len(rows) < _ENOUGH:
        return
    low, high = np.quantile([score for _, score in rows], [0.25, 0.75])
    reach = _FAR * (high - low)
    if reach == 0:
        return
    far = [
        entry.place.with_detail(f"score {score:g}")
        for entry, score in rows
        if not low - reach <= score <= high + reach
    ]
    yield from found_at(
        far,
        kind="score-outlier",
        severity="warning",
        message="# [score lies|scores lie] far from all others (half of the scores are between "
        f"{low:g} and {high:g})",
        fix="correct what is a slip, such as a lost decimal point or a mark for a missing score; "
        "if they are right, learn from the logarithm of the scores",
    )


def _find_skew(subject: Subject) -> Iterator[Finding]:
    """Scores of which most are alike, or whose distribution has one long tail."""
    rows = _scored(subject)
    if len(rows) < _ENOUGH:
        return
    scores = np.array([score for _, score in rows])
    usual, often = Counter(scores.tolist()).most_common(1)[0]
    spread = float(scores.std())
    if spread == 0:
        return
    skew = float(((scores - scores.mean()) ** 3).mean() / spread**3)
    if often > _MOST_SHARE * len(rows):
        message = (
            f"{100 * often / len(rows):.0f} % of the rows have the score {usual:g}: a model that "
            "always gives it has a small error"
        )
        fix = "label more texts with other scores, and judge the model by its rank correlation"
    elif abs(skew) > _SKEWED:
        side = "high" if skew > 0 else "low"
        message = f"a few {side} scores lie far from the many others (skewness {skew:.1f})"
        fix = "learn from the logarithm of the scores, if they are amounts or counts"
    else:
        return
    yield Finding(
        kind="skewed-scores",
        severity="note",
        message=message,
        fix=fix,
        rows=(rows[0][0].place,),
    )


def _few_rows(subject: Subject) -> str:
    return (
        f"with {plural(len(subject.train), '# [row|rows]')} use method: head, which does not "
        "change the encoder, and label more texts, of low and high scores alike"
    )


CHECKS = TaskChecks(
    nothing_to_learn=_nothing_to_learn,
    few_rows=_few_rows,
    conflict_kind="conflicting-scores",
    conflict="# [text has|texts have] different scores in different rows",
    own=(_find_few_values, _find_outliers, _find_skew),
)
