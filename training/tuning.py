"""From a base model and encoded rows to a tuned model with its scores."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from burnish.config import Recipe
from burnish.tasks import ClassificationTask, Task
from burnish.tasks.evaluation import Evaluation
from burnish.torch_models.base import BaseModel
from burnish.torch_models.build import (
    BuiltModel,
    build_model,
    head_module,
    input_names,
    pooling_for,
)
from burnish.torch_models.checkpoint import attention_for

from .anchor import Anchor
from .attention import without_attention_dropout
from .cloze import ClozeWriter
from .device import own_device
from .evaluation import Answered, answer_rows, evaluate_answers, main_score, tune_task
from .features import Feature, encode_rows, make_features
from .fitting import fit, practise
from .forgetting import Forgetting, remember
from .loop import TrainingLoop
from .loss import balanced_weights, loss_for
from .methods import find_method
from .pairs import pairs_stage
from .parts import EncodedParts
from .place import SeedPlace
from .probe import Probe, fit_probe, keep_probe, load_probe, start_head
from .processes import from_first
from .shared_logits import shared_logits
from .stage import Stage
from .thawing import freeze_lowest
from .trust import Trust, fit_rows, measure_trust
from .watching import History

__all__ = ["Notify", "Tuned", "class_weights_of", "new_parameters_of", "tune_model"]

Notify = Callable[[str], None]
Evaluations = dict[str, Evaluation]


@dataclass(frozen=True, slots=True)
class Tuned:
    """A tuned model, what it scores, and what a frozen encoder scores."""

    model: nn.Module
    built: BuiltModel
    task: Task
    """With the thresholds tuned on validation."""
    history: History
    evaluations: Evaluations
    """By part of the data."""
    baseline: Evaluations
    """The linear probe's; empty for tasks that have none."""
    probe: Probe | None
    """The linear probe, for such tasks."""
    answers: dict[str, Answered]
    """By part of the data."""
    trust: Trust
    """How far its scores can be trusted."""
    forgetting: Forgetting
    """What the tuning made of what the base model knew."""
    starts_unchanged: bool
    """Whether epoch 0 is the probe: some methods change the model's answers at once."""

    @property
    def notes(self) -> list[str]:
        """What a reader must know of the outcome."""
        forgotten = self.forgetting.note
        return [*self._unlearned, *([] if forgotten is None else [forgotten])]

    @property
    def _unlearned(self) -> list[str]:
        best, start = self.history.best, self.history.epochs[0]
        if best.epoch:
            return self.trust.notes
        metric = self.task.main_metric
        reached = max((epoch.score for epoch in self.history.epochs[1:]), default=start.score)
        scores = f"({metric} {start.score:.4f}; tuned at most {reached:.4f})"
        if self.baseline and self.starts_unchanged:
            text = (
                f"no epoch beat the linear probe on validation {scores}: the probe itself is this "
                "run's model. A smaller learning rate or more rows may help"
            )
        else:
            text = (
                f"no epoch beat the untuned model on validation {scores}: this model has learned "
                "nothing. More epochs, another learning rate or more rows are needed"
            )
        return [text, *self.trust.notes]


def tune_model(
    base: BaseModel,
    task: Task,
    parts: EncodedParts,
    *,
    recipe: Recipe,
    place: SeedPlace,
    progress: bool,
    say: Notify,
) -> Tuned:
    """Build, start at the probe, tune, and score.

    Args:
        base: a vetted base model.
        task: its labels and window.
        parts: encoded rows.
        recipe: resolved.
        place: where what is done is kept, so that it can be gone on with.
        progress: show a bar on stderr.
        say: told what is going on.
    """
    settings = recipe.train
    method = find_method(recipe.method)
    pooling = pooling_for(base, task, recipe.pooling)
    attention = attention_for(method.structure(recipe), base.family)
    built = build_model(base, task, pooling=pooling, seed=settings.seed, attention=attention)
    memory = remember(built.module, base)
    device = own_device(settings.device)  # type: ignore[arg-type]  # resolved
    built.module.to(device)
    weights = class_weights_of(task, parts, recipe)
    baseline: Evaluations = {}
    probe: Probe | None = None
    if isinstance(task, ClassificationTask):
        probe = _probe(built, task, parts, weights, place=place, say=say)
        start_head(built.module, probe)
        baseline = _score(built.module, task, parts).evaluations
        _report(baseline, task, say, name="linear probe")
    if settings.attention_dropout == "none":
        without_attention_dropout(built.module)
    names = input_names(built.module)
    model = method.prepare(built, base, recipe).to(device)
    freeze_lowest(model, settings.freeze)
    if isinstance(task, ClassificationTask) and not method.starts_unchanged:
        # The probe is the baseline; the head starts at one of the vectors that it will see.
        start = fit_probe(
            model, task, parts.train, validation=parts.validation, class_weights=weights
        )
        start_head(model, start)
    new_parameters, factors = new_parameters_of(model, built), method.rate_factors(model, recipe)
    anchor = Anchor(model, settings, new_parameters=new_parameters)
    every = settings.checkpoint_minutes
    tuning = place.stage("tuning", every_minutes=every)
    made_up = [] if tuning.begun() else _made_up_features(task, parts, base, recipe)
    if made_up:
        say(f"practising on {len(made_up)} questions made of the contexts' sentences")
        once = settings.model_copy(update={"epochs": 1})
        practise(
            TrainingLoop(
                model,
                made_up,
                names=names,
                new_parameters=new_parameters,
                loss=loss_for(task),
                settings=once,
                rate_factors=factors,
                anchor=anchor,
            ),
            checkpoints=place.stage("practice", every_minutes=every),
            progress=progress,
            say=say,
        )
    known = baseline["validation"].values()[task.main_metric] if baseline else None
    if isinstance(task, ClassificationTask) and probe and recipe.method == "setfit":
        stage = pairs_stage(
            built.module,
            task,
            parts,
            probe=probe,
            class_weights=weights,
            encoder=task.text_encoder(base.path / "tokenizer.json"),
            recipe=recipe,
            say=say,
        )
    else:
        stage = Stage(
            model=model,
            features=make_features(task, parts.train),
            loss=loss_for(task, None if weights is None else weights.to(device)),
            score=lambda each: _validation_score(each, task, parts),
            # Where a new adapter adds nothing the start is the probe, whose score is known.
            start_score=known if method.starts_unchanged else None,
        )
    if stage.model is not model:  # the same parameters, under other names
        new_parameters = new_parameters_of(stage.model, built)
    windows = len(stage.features)
    say(f"tuning {_trained(stage.model):,} parameters on {windows} windows ({recipe.method})")
    loop = TrainingLoop(
        stage.model,
        stage.features,
        names=names,
        new_parameters=new_parameters,
        loss=stage.loss,
        settings=settings,
        rate_factors=factors,
        batches=stage.batches,
        anchor=anchor if stage.model is model else None,
    )
    loop.hook = method.step_hook(model, recipe, loop.steps)
    history = fit(
        loop,
        score=stage.score,
        checkpoints=tuning,
        progress=progress,
        say=say,
        start_score=from_first(stage.start_score),
    )
    stage.finish(history)
    model.eval().cpu()  # what is saved and served is scored where it will be
    scored = _score(model, task, parts)
    _report(scored.evaluations, task, say, name=f"epoch {history.best.epoch}")
    forgetting = memory.compare(model)
    say(forgetting.summary)
    trust = measure_trust(model, scored.task, parts, scored.logits, recipe=recipe)
    return Tuned(
        model=model,
        built=built,
        task=trust.task,
        history=history,
        evaluations=scored.evaluations,
        baseline=baseline,
        probe=probe,
        answers=scored.answers,
        trust=trust,
        forgetting=forgetting,
        starts_unchanged=method.starts_unchanged,
    )


def _probe(
    built: BuiltModel,
    task: ClassificationTask,
    parts: EncodedParts,
    weights: torch.Tensor | None,
    *,
    place: SeedPlace,
    say: Notify,
) -> Probe:
    """The linear probe, fitted once for all seeds unless the vectors depend on the seed."""
    name, _ = head_module(built.module)
    of_seed = any(each.rpartition(".")[0] != name for each in built.missing)
    path = (place.directory if of_seed else place.shared) / "probe"
    kept = load_probe(path)
    if kept is not None:
        return kept
    say("fitting the linear probe on the frozen encoder")
    probe = fit_probe(
        built.module, task, parts.train, validation=parts.validation, class_weights=weights
    )
    keep_probe(path, probe)
    return probe


@dataclass(frozen=True, slots=True)
class _Scored:
    task: Task
    """Calibrated and tuned on validation."""
    evaluations: Evaluations
    logits: dict[str, Any]
    """By part, as the evaluations."""
    answers: dict[str, Answered]


def _score(model: nn.Module, task: Task, parts: EncodedParts) -> _Scored:
    """Calibrate, and tune the thresholds, on validation; answer and score every part with them."""
    logits = {
        part: shared_logits(model, task, rows.encodings) for part, rows in parts.evaluated.items()
    }
    task = fit_rows(task, parts.validation, logits["validation"])
    answers = {
        part: answer_rows(task, rows, logits[part]) for part, rows in parts.evaluated.items()
    }
    evaluations = {part: evaluate_answers(task, each) for part, each in answers.items()}
    return _Scored(task, evaluations, logits, answers)


def _validation_score(model: nn.Module, task: Task, parts: EncodedParts) -> float:
    logits = shared_logits(model, task, parts.validation.encodings)
    score = main_score(tune_task(task, parts.validation, logits), parts.validation, logits)
    return from_first(score)


def _made_up_features(
    task: Task, parts: EncodedParts, base: BaseModel, recipe: Recipe
) -> list[Feature]:
    """Practice before the labelled rows; none where the contexts are too poor to ask about."""
    if not recipe.train.cloze:
        return []
    examples: Any = parts.train.examples
    writer = ClozeWriter(examples, seed=recipe.train.seed)
    rows = writer.write(round(float(recipe.train.cloze) * len(examples)))
    encoder = task.text_encoder(base.path / "tokenizer.json")
    return make_features(task, encode_rows(task, rows, encoder))


def class_weights_of(task: Task, parts: EncodedParts, recipe: Recipe) -> torch.Tensor | None:
    """(labels,) weights of the loss; None where every row counts alike."""
    if recipe.train.class_weights == "none" or not isinstance(task, ClassificationTask):
        return None
    return balanced_weights(task, parts.train.examples)  # type: ignore[arg-type]


def _trained(model: nn.Module) -> int:
    return sum(p.numel() for p in model.parameters() if p.requires_grad)


def new_parameters_of(model: nn.Module, built: BuiltModel) -> frozenset[str]:
    """The trained parameters that the base lacks, by their names under a method's wrapping."""
    return frozenset(
        name
        for name, parameter in model.named_parameters()
        if parameter.requires_grad and _plain_name(name) in built.missing
    )


def _plain_name(name: str) -> str:
    plain = name.removeprefix("base_model.model.").replace(".modules_to_save.default", "")
    return plain.removeprefix("module.")


def _report(evaluations: Evaluations, task: Task, say: Notify, *, name: str) -> None:
    for part, evaluation in evaluations.items():
        say(f"{name}: {part} {task.main_metric} {evaluation.values()[task.main_metric]:.4f}")
