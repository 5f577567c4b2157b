"""What a model is for and what its metrics mean, for readers who do not train models."""

from __future__ import annotations

from burnish.report.facts import Facts

__all__ = ["METRICS", "purpose"]

METRICS = {
    "accuracy": "share of texts answered right",
    "micro_f1": "F1 over all labels together; 1: every label found, none invented",
    "macro_f1": "mean of the labels' F1 scores, each label counting the same",
    "f1": "balance of precision and recall; 1: everything found, nothing invented",
    "precision": "share of the entities found that are right",
    "recall": "share of the entities in the texts that are found",
    "exact_match": "share of questions answered word for word",
}
"""What each metric is, for a reader who does not know its name."""

_PURPOSES = {
    "classification": "reads a text and gives it {labels}",
    "extraction": "reads a text and marks {labels} in it",
    "qa": "reads a text and a question, and answers with a passage of the text or says that the "
    "text holds no answer",
}
_FEW_LABELS = 8


def purpose(facts: Facts) -> str:
    """What the model does, as the rest of a sentence: "reads a text and gives it …"."""
    return _PURPOSES[facts.recipe.task].format(labels=_labels(facts))


def _labels(facts: Facts) -> str:
    task = facts.record.task
    if facts.recipe.task == "extraction":
        labels, form = tuple(getattr(task, "labels", ())), "passages of {}"
        few, many = "these kinds: {}", f"{len(labels)} kinds"
    else:
        labels = task.output_labels
        form = "any of {}" if getattr(task, "multi_label", False) else "one of {}"
        few, many = "these labels: {}", f"{len(labels)} labels"
    return form.format(few.format(", ".join(labels)) if len(labels) <= _FEW_LABELS else many)
