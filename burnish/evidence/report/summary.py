"""What a model is for and what its metrics mean, for readers who do not train models."""

from __future__ import annotations

from burnish.evidence.report.facts import Facts
from burnish.tasks.table import find_task

__all__ = ["METRICS", "purpose"]

METRICS = {
    "accuracy": "share of texts answered right",
    "micro_f1": "F1 over all labels together; 1: every label found, none invented",
    "macro_f1": "mean of the labels' F1 scores, each label counting the same",
    "f1": "balance of precision and recall; 1: everything found, nothing invented",
    "precision": "share of the entities found that are right",
    "recall": "share of the entities in the texts that are found",
    "skill": "1: no error; 0: an error as large as that of always giving the mean score",
    "spearman": "rank correlation: 1: texts are put in the right order, 0: in any order",
    "pearson": "linear correlation of given and true scores, from -1 to 1",
    "mae": "mean error of a score, in the unit of the scores",
    "rmse": "root of the mean squared error, to which large errors add most",
    "coverage": "share of texts whose true score lies in the interval that is given",
    "kappa": "agreement on levels beyond chance, far errors weighing more; 1: always",
    "level_accuracy": "share of texts given the right level",
    "within_one_level": "share of texts given the right level or one next to it",
    "exact_match": "share of questions answered word for word",
}
"""Each metric's meaning, for a reader who does not know its name."""


def purpose(facts: Facts) -> str:
    """The model's purpose, as the rest of a sentence: "reads a text and gives it …"."""
    return find_task(facts.recipe.task).words.purpose(facts.record.task)
