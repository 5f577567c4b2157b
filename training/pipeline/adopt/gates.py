"""The gates of an adopted model: what its rows can judge, and what stays unknown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from burnish.data import Split
from burnish.evidence.bias import BiasReport, SubgroupReport
from burnish.gates import Gate, judge, unknown
from burnish.plural import plural
from burnish.recipe.recipe import Recipe

from ...data.splits import EncodedParts
from ...evaluation.calibration import Trust
from ...results.gates import bias_figures, subgroup_figures, trust_figures

__all__ = ["UNKNOWN", "adoption_gates"]

UNKNOWN = (
    "the training rows",
    "whether validation or test rows were among the training rows",
    "seed, learning rate, epochs and batch size",
    "the base model that it was tuned from",
    "packages and machine that trained it",
)
"""Facts that no checkpoint states in a way that can be checked."""

_NO_TRAINING_ROWS = "the training rows are not known: the model was trained elsewhere"


def adoption_gates(
    parts: EncodedParts,
    split: Split,
    *,
    recipe: Recipe,
    trust: Trust,
    bias: Mapping[str, BiasReport],
    subgroups: Mapping[str, Sequence[SubgroupReport]],
) -> tuple[Gate, ...]:
    """Judge a model that was trained elsewhere, in the order of a training's gates.

    Args:
        parts: encoded rows.
        split: what leaked between validation and test.
        recipe: resolved; its ``gates`` have the thresholds.
        trust: calibration, and the rows out of scope.
        bias: reports on the model.
        subgroups: the same.
    """
    settings = recipe.gates
    rows = len(parts.validation.examples)
    told = plural(rows, "# [row|rows] to validate on")
    figures = (*trust_figures(trust), *bias_figures(bias), *subgroup_figures(subgroups))
    return (
        unknown("training_rows", _NO_TRAINING_ROWS),
        *([unknown("rows_per_label", _NO_TRAINING_ROWS)] if trust.task.answer_labels else []),
        judge("validation_rows", rows, detail=told, settings=settings),
        _leaked(split, recipe),
        unknown("learned", "the epochs of its training are not known"),
        unknown("beats_baseline", "baselines learn from the training rows, which are not known"),
        unknown("train_validation_gap", _NO_TRAINING_ROWS),
        *(judge(name, value, detail=detail, settings=settings) for name, value, detail in figures),
        unknown("undocumented", f"not known: {'; '.join(UNKNOWN)}"),
    )


def _leaked(split: Split, recipe: Recipe) -> Gate:
    """What test and validation share is known, and fails the gate; the rest is not."""
    test = split.test or ()
    seen = sum(len(leak) for leak in split.leaked)
    shared = f"{seen:,} of {plural(len(test), '# test [row|rows]')} were also in validation"
    gate = judge("leaked_rows", seen / max(len(test), 1), detail=shared, settings=recipe.gates)
    if not gate.passed:
        return gate
    why = "whether the model was trained on validation or test rows is not known"
    return unknown("leaked_rows", f"{why}; {shared}")
