"""A model that was trained elsewhere, with everything that was measured of it here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from torch import nn

from burnish.data import Split
from burnish.evidence.bias import BiasReport, SubgroupReport
from burnish.evidence.error_analysis import ErrorAnalysis, analyse
from burnish.gates import Gate
from burnish.notify import Notify
from burnish.recipe.recipe import Recipe
from burnish.tasks import Task, TextEncoder

from ...data.splits import EncodedParts
from ...evaluation.bias import find_counterfactuals, measure_bias
from ...evaluation.calibration import Trust, measure_trust
from ...evaluation.subgroups import score_subgroups
from ...results.tuned import Scored
from ..tuning import score_model
from .gates import adoption_gates

__all__ = ["Judged", "judge_model"]


@dataclass(frozen=True, slots=True)
class Judged:
    """The evidence on an adopted model."""

    model: nn.Module
    scored: Scored
    trust: Trust
    errors: ErrorAnalysis
    bias: Mapping[str, BiasReport]
    subgroups: Mapping[str, tuple[SubgroupReport, ...]]
    gates: tuple[Gate, ...]

    @property
    def task(self) -> Task:
        """The task, calibrated and tuned on validation."""
        return self.trust.task

    def to_json(self) -> dict[str, Any]:
        """``metrics.json``; what only a training has is not in it."""
        return {
            **{part: each.to_json() for part, each in self.scored.evaluations.items()},
            "baseline": None,
            "baselines": {},
            **self.trust.documents,
            "history": [],
            "errors": self.errors.to_json(),
            "bias": {name: report.to_json() for name, report in self.bias.items()},
            "subgroups": {
                name: [report.to_json() for report in reports]
                for name, reports in self.subgroups.items()
            },
            "gates": [gate.model_dump(mode="json") for gate in self.gates],
        }


def judge_model(
    model: nn.Module,
    task: Task,
    parts: EncodedParts,
    *,
    split: Split,
    recipe: Recipe,
    encoder: TextEncoder,
    say: Notify,
) -> Judged:
    """Score a model, calibrate it on validation, analyse its errors and judge the gates.

    Args:
        model: in eval mode, on the CPU.
        task: names the outputs, in the model's order.
        parts: encoded rows.
        split: the rows.
        recipe: resolved.
        encoder: the tokenizer with the task's window.
        say: told what is going on.
    """
    say("asking the model, and calibrating its scores on the validation rows")
    scored = score_model(model, task, parts)
    trust = measure_trust(model, scored.task, parts, scored.logits, recipe=recipe)
    part = list(parts.evaluated)[-1]
    bias: dict[str, BiasReport] = {}
    found = find_counterfactuals(parts.validation, recipe.bias)
    if found is not None:
        say("asking about texts that differ only in a person's group")
        bias["tuned"] = measure_bias(model, trust.task, found, encoder=encoder)
    columns = recipe.data.subgroups
    subgroups: dict[str, tuple[SubgroupReport, ...]] = {}
    if columns:
        say(f"scoring each subgroup of {', '.join(columns)}")
        reports = score_subgroups(trust.task, scored.answers[part], columns, part=part)
        subgroups["tuned"] = tuple(reports)
    answered = scored.answers[part]
    errors = analyse(
        trust.task, answered.examples, answered.predictions, part=part, columns=columns
    )
    gates = adoption_gates(parts, split, recipe=recipe, trust=trust, bias=bias, subgroups=subgroups)
    return Judged(model, scored, trust, errors, bias, subgroups, gates)
