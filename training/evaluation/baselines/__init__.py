"""What cheap methods reach on the same rows: the least that a tuned transformer has to be worth."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from burnish.tasks import Task
from burnish.tasks.evaluation import Evaluation

from ...data.splits import EncodedParts
from .dictionary import score_dictionary
from .sentences import score_sentences
from .tfidf import score_tfidf

__all__ = ["BASELINES", "score_baselines"]

ScoreBaseline = Callable[[Any, EncodedParts], dict[str, Evaluation]]
"""From a task and its rows to an evaluation a part."""

BASELINES: dict[str, tuple[str, ScoreBaseline]] = {
    "classification": ("TF-IDF with logistic regression", score_tfidf),
    "extraction": ("dictionary of the training entities", score_dictionary),
    "qa": ("sentence that shares most with the question", score_sentences),
}
"""By task: its name, and what scores it."""


def score_baselines(task: Task, parts: EncodedParts) -> dict[str, dict[str, Evaluation]]:
    """Evaluations by part, by the baseline's name; seconds on a CPU."""
    name, score = BASELINES[task.task]
    return {name: score(task, parts)}
