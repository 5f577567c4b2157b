"""The evidence on a tuned model: cheap methods on the same rows, its errors, and the gates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from torch import nn

from burnish.data import Split
from burnish.evidence.bias import BiasReport, SubgroupReport
from burnish.evidence.error_analysis import ErrorAnalysis, analyse
from burnish.gates import Gate
from burnish.notify import Notify
from burnish.recipe.recipe import Recipe
from burnish.tasks.evaluation import Evaluation
from burnish.tasks.heads import Head
from burnish.torch_models.base import BaseModel
from burnish.torch_models.build import build_model
from burnish.torch_models.logits import predict_logits
from burnish.torch_models.writers import is_new

from ..data.splits import EncodedParts
from ..evaluation.bias import find_counterfactuals, measure_bias
from ..evaluation.calibration import fit_rows
from ..evaluation.forgetting import Forgetting, remember
from ..evaluation.linear_probe import start_head
from ..evaluation.scoring import answer_logits
from ..evaluation.subgroups import score_subgroups
from ..record.documentation import undocumented
from ..record.fingerprint import Basis
from ..tasks import TRAINING_TASKS
from .gates import train_gates
from .tuned import Tuned

__all__ = ["Evidence", "gather_evidence"]

Frozen = Callable[[], nn.Module | None]
"""Builds the base with the linear probe; returns None for tasks without a probe."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What ``metrics.json`` has besides the scores."""

    baselines: dict[str, dict[str, Evaluation]]
    """Evaluations of cheap methods by name, then by part of the data."""
    train_score: float
    """The kept epoch's main metric on some of the training rows."""
    train_rows: int
    """The number of those rows."""
    errors: ErrorAnalysis
    """Errors on the test rows, or on the validation rows where there are none."""
    bias: dict[str, BiasReport]
    """Reports on the ``tuned`` model, and on the ``frozen`` one with the linear probe."""
    subgroups: dict[str, tuple[SubgroupReport, ...]]
    """For the same two, one report per column of ``data.subgroups``."""
    forgetting: Forgetting | None
    """How much of the base model's knowledge the tuning kept; None: it had none."""
    gates: tuple[Gate, ...]

    @property
    def notes(self) -> list[str]:
        """Notes for the user."""
        note = None if self.forgetting is None else self.forgetting.note
        return [] if note is None else [note]

    def to_json(self) -> dict[str, Any]:
        """The documents of ``metrics.json``."""
        baselines = {
            name: {part: each.to_json() for part, each in parts.items()}
            for name, parts in self.baselines.items()
        }
        return {
            "baselines": baselines,
            "train": {"rows": self.train_rows, "score": self.train_score},
            "errors": self.errors.to_json(),
            "forgetting": None if self.forgetting is None else self.forgetting.to_json(),
            "bias": {name: report.to_json() for name, report in self.bias.items()},
            "subgroups": {
                name: [report.to_json() for report in reports]
                for name, reports in self.subgroups.items()
            },
            "gates": [gate.model_dump(mode="json") for gate in self.gates],
        }


def gather_evidence(
    tuned: Tuned,
    parts: EncodedParts,
    *,
    base: BaseModel,
    split: Split,
    recipe: Recipe,
    basis: Basis,
    say: Notify,
) -> Evidence:
    """Score cheap methods, analyse the errors, and judge the gates.

    Args:
        tuned: the model that the run keeps.
        parts: encoded rows.
        base: the base model.
        split: the rows, and what leaked between their parts.
        recipe: resolved, with its ``gates``.
        basis: what the training depended on when it began.
        say: called with lines of progress.
    """
    forgetting = None if is_new(base) else _forgetting(tuned, base, recipe)
    if forgetting is not None:
        say(forgetting.summary)
    say("scoring cheap methods on the same rows")
    methods = TRAINING_TASKS[tuned.task.task]
    baselines = {name: score(tuned.task, parts) for name, score in methods.baselines.items()}
    for name, score_frozen in methods.frozen_baselines.items():
        if found := score_frozen(tuned.task, parts, base):  # else it is the linear probe itself
            baselines[name] = found
    part = list(parts.evaluated)[-1]
    frozen = cache(lambda: _frozen(tuned, base, recipe))  # built once, and only when needed
    bias = _bias(tuned, parts, base=base, recipe=recipe, frozen=frozen, say=say)
    subgroups = _subgroups(tuned, parts, recipe=recipe, frozen=frozen, say=say)
    gates = train_gates(
        tuned,
        parts,
        split=split,
        recipe=recipe,
        baselines=baselines,
        bias=bias,
        subgroups=subgroups,
        missing=undocumented(recipe, base=base, split=split, basis=basis),
    )
    answered = tuned.answers[part]
    errors = analyse(
        tuned.task,
        answered.examples,
        answered.predictions,
        part=part,
        columns=recipe.data.subgroups,
    )
    return Evidence(
        baselines=baselines,
        train_score=tuned.train_score,
        train_rows=len(parts.train_sample(seed=recipe.train.seed)),
        errors=errors,
        bias=bias,
        subgroups=subgroups,
        forgetting=forgetting,
        gates=gates,
    )


def _forgetting(tuned: Tuned, base: BaseModel, recipe: Recipe) -> Forgetting:
    """Measure the kept model only; the base is loaded anew, to save memory while seeds train."""
    untuned = build_model(base, tuned.task, pooling=tuned.built.pooling, seed=recipe.train.seed)
    return remember(untuned.module, base).compare(tuned.model)


def _bias(
    tuned: Tuned,
    parts: EncodedParts,
    *,
    base: BaseModel,
    recipe: Recipe,
    frozen: Frozen,
    say: Notify,
) -> dict[str, BiasReport]:
    """Measure the model, and the base with the linear probe: tuning did not add that bias.

    What is written of another person should differ, so texts that were written tell nothing.
    """
    if tuned.task.head is Head.WRITTEN:
        return {}
    found = find_counterfactuals(parts.validation, recipe.bias)
    if found is None:
        return {}
    say("asking about texts that differ only in a person's group")
    encoder = tuned.task.text_encoder(base.path / "tokenizer.json")
    models = {"tuned": tuned.model, "frozen": frozen()}
    return {
        name: measure_bias(model, tuned.task, found, encoder=encoder)
        for name, model in models.items()
        if model is not None
    }


def _subgroups(
    tuned: Tuned,
    parts: EncodedParts,
    *,
    recipe: Recipe,
    frozen: Frozen,
    say: Notify,
) -> dict[str, tuple[SubgroupReport, ...]]:
    """Score the subgroups of the last part for the same two models."""
    columns = recipe.data.subgroups
    if not columns:
        return {}
    say(f"scoring each subgroup of {', '.join(columns)}")
    part, rows = list(parts.evaluated.items())[-1]
    found = {"tuned": score_subgroups(tuned.task, tuned.answers[part], columns, part=part)}
    model = frozen()
    if model is not None:
        fitting = predict_logits(model, tuned.task, parts.validation.encodings)
        task = fit_rows(tuned.task, parts.validation, fitting)
        logits = predict_logits(model, task, rows.encodings)
        found["frozen"] = score_subgroups(
            task, answer_logits(task, rows, logits), columns, part=part
        )
    return found


def _frozen(tuned: Tuned, base: BaseModel, recipe: Recipe) -> nn.Module | None:
    if tuned.probe is None:
        return None
    built = build_model(
        base,
        tuned.task,
        pooling=tuned.built.pooling,
        seed=recipe.train.seed,
        normalized=tuned.built.normalized,
    )
    start_head(built.module, tuned.probe)
    return built.module
