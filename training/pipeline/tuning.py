"""From a base model and encoded rows to a tuned model with its scores."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import torch
from torch import nn

from burnish.notify import Notify
from burnish.recipe.recipe import Recipe
from burnish.tasks import Task
from burnish.tasks.encoded import EncodedRows, encode_rows
from burnish.tasks.heads import Head
from burnish.tasks.regimes import Regime, task_regime
from burnish.torch_models.base import BaseModel
from burnish.torch_models.build import (
    BuiltModel,
    head_module,
)

from ..checkpointing.workdir import SeedPlace
from ..data.features import make_features
from ..data.splits import EncodedParts
from ..distributed.device import device_of, own_device
from ..distributed.processes import from_first
from ..distributed.shared_logits import shared_logits
from ..evaluation.calibration import fit_rows, measure_trust
from ..evaluation.linear_probe import Probe, fit_probe, keep_probe, load_probe, start_head
from ..evaluation.scoring import answer_logits
from ..loop.epoch_scores import EpochScores, ScoreEpoch, score_epoch, train_score
from ..loop.fitting import Watch, fit, nothing, practise, unwatched
from ..loop.history import History, slack_of
from ..loop.loss import loss_for
from ..loop.stage import Stage, StageParts
from ..methods import find_method
from ..methods.method import FEW_ROWS
from ..results.averaging import WeightAverage
from ..results.tuned import Evaluations, FrozenScores, Scored, Tuned
from ..tasks import TRAINING_TASKS
from .distillation.teaching import Teaching
from .setup import Ready, build_for, class_weights_of, make_ready

__all__ = ["average_model", "score_model", "tune_model"]


def tune_model(
    base: BaseModel,
    task: Task,
    parts: EncodedParts,
    *,
    recipe: Recipe,
    start_seed: int,
    place: SeedPlace,
    progress: bool,
    say: Notify,
    frozen_scores: FrozenScores | None = None,
    teaching: Teaching | None = None,
    watch: Watch = unwatched,
) -> Tuned:
    """Build, start at the probe, tune, and score.

    Args:
        base: a vetted base model.
        task: its labels and window.
        parts: encoded rows.
        recipe: resolved.
        start_seed: draws the weights that the base lacks, and those that the method adds: the same
            for the seeds of a training, so that the average of what they reach is a model too.
        place: where what is done is kept, so that it can be gone on with.
        progress: show a bar on stderr.
        say: told what is going on.
        frozen_scores: shared by the seeds of a training, which share the probe.
        teaching: what a teacher answers, where the model is a student.
        watch: called after every epoch of the tuning.
    """
    built = build_for(base, task, recipe, rows=len(parts.train), seed=start_seed)
    built.module.to(own_device(recipe.train.device))  # type: ignore[arg-type]  # resolved
    weights = class_weights_of(task, parts, recipe)
    frozen: Scored | None = None
    probe: Probe | None = None
    # A method with a stage of its own fits its head itself.
    keeps_head = built.head_kept and find_method(recipe.method).stage is None
    if built.head:
        say(built.head)
    if task.head.of_windows:
        probe = _probe(built, task, parts, weights, place=place, say=say)
        _, head = head_module(built.module)
        own = {name: tensor.clone() for name, tensor in head.state_dict().items()}
        start_head(built.module, probe)
        frozen = _frozen_scored(built, task, parts, frozen_scores)
        if keeps_head:
            head.load_state_dict(own)
        _report(frozen.evaluations, task, say, name="linear probe")
    torch.manual_seed(start_seed)
    ready = make_ready(built, base, recipe)
    if task.head.of_windows and not ready.method.starts_unchanged and not keeps_head:
        # The probe is the baseline; the head starts at one of the vectors that it will see.
        start = fit_probe(
            ready.model, task, parts.train, validation=parts.validation, class_weights=weights
        )
        start_head(ready.model, start)
    tuning = place.stage("tuning", every_minutes=recipe.train.checkpoint_minutes)
    if not tuning.begun():
        _practise(ready, base, task, parts, place=place, progress=progress, say=say)
    own_stage = ready.method.stage
    if own_stage is not None and probe and task.head is Head.SEQUENCE:
        stage = own_stage(
            StageParts(
                model=built.module,
                task=task,
                parts=parts,
                probe=probe,
                class_weights=weights,
                encoder=task.text_encoder(base.path / "tokenizer.json"),
                recipe=recipe,
                say=say,
            )
        )
    else:
        known = None if keeps_head else frozen
        stage = _labels_stage(ready, task, parts, weights, known, teaching)
    begin = nothing
    if probe and not keeps_head and _starts_looser(ready, task, parts):
        begin = partial(start_head, built.module, probe, looser=True)
    windows, under = len(stage.features), None if stage.model is ready.model else stage.model
    say(f"tuning {_trained(stage.model):,} parameters on {windows} windows ({recipe.method})")
    loop = ready.loop(stage.features, loss=stage.loss, under=under, batches=stage.batches)
    history = fit(
        ready.hooked(loop),
        score=stage.score,
        slack=slack_of(len(parts.validation)),
        checkpoints=tuning,
        progress=progress,
        say=say,
        start_score=stage.start_score,
        begin=begin,
        watch=watch,
    )
    stage.finish(history)
    model = ready.model.eval().cpu()  # what is saved and served is scored where it will be
    scored = score_model(model, task, parts)
    _report(scored.evaluations, task, say, name=f"epoch {history.best.epoch}")
    trust = measure_trust(model, scored.task, parts, scored.logits, recipe=recipe)
    return Tuned(
        model=model,
        built=built,
        task=trust.task,
        history=history,
        evaluations=scored.evaluations,
        baseline={} if frozen is None else frozen.evaluations,
        probe=probe,
        answers=scored.answers,
        trust=trust,
        starts_unchanged=ready.method.starts_unchanged and not keeps_head,
        train_score=history.best.train_score,
        head_kept=keeps_head,
    )


def _starts_looser(ready: Ready, task: Task, parts: EncodedParts) -> bool:
    """Whether the head starts at a looser fit than the probe, which stays epoch 0.

    Of few rows the probe is sure: where it has all of them right, there is no loss to learn from.
    From a tenth of its strength 100 rows of two sets ended 1.5 and 2.5 points higher, and 300 of
    banking77 where they were.
    """
    few = len(parts.train) < FEW_ROWS and task_regime(task) is Regime.ONE_LABEL
    return few and ready.method.loose_start


def average_model(
    average: WeightAverage,
    like: Tuned,
    task: Task,
    parts: EncodedParts,
    *,
    recipe: Recipe,
    say: Notify,
) -> Tuned:
    """The average of several seeds' weights, scored as one of them was.

    Args:
        average: of the seeds' models.
        like: one of them, whose history and baseline the average takes over.
        task: its labels and window, not fitted.
        parts: encoded rows.
        recipe: that of the seed.
        say: told the scores.
    """
    model = average.model(like.model).eval()
    scored = score_model(model, task, parts)
    _report(scored.evaluations, task, say, name="average of the seeds")
    trust = measure_trust(model, scored.task, parts, scored.logits, recipe=recipe)
    sample = parts.train_sample(seed=recipe.train.seed)
    return replace(
        like,
        model=model,
        task=trust.task,
        evaluations=scored.evaluations,
        answers=scored.answers,
        trust=trust,
        train_score=train_score(model, scored.task, sample),
    )


def _labels_stage(
    ready: Ready,
    task: Task,
    parts: EncodedParts,
    weights: torch.Tensor | None,
    frozen: Scored | None,
    teaching: Teaching | None,
) -> Stage:
    """The model learns the rows' own labels, and a teacher's answers where there is one."""
    placed = None if weights is None else weights.to(device_of(ready.model))
    seed = ready.recipe.train.seed
    sample = _of_epoch(task, parts.train_sample(seed=seed), seed)
    validation = _of_epoch(task, parts.validation, seed)
    # Where a new adapter adds nothing the start is the probe, which was scored on validation.
    known = frozen if ready.method.starts_unchanged else None
    states = None if teaching is None else teaching.follow(ready.model)

    def finish(_: History) -> None:
        if states is not None:
            states.release()

    return Stage(
        model=ready.model,
        features=make_features(task, parts.train) if teaching is None else teaching.features,
        loss=(loss_for(task, placed) if teaching is None else teaching.loss(placed, states)),
        score=lambda each: score_epoch(each, task.for_epochs, validation=validation, sample=sample),
        start_score=None if known is None else _start_score(known, sample),
        finish=finish,
    )


def _of_epoch(task: Task, rows: EncodedRows, seed: int) -> EncodedRows:
    """The rows that every epoch is scored on."""
    return rows if task.epoch_rows is None else rows.take(rows.draw(task.epoch_rows, seed=seed))


def _practise(
    ready: Ready,
    base: BaseModel,
    task: Task,
    parts: EncodedParts,
    *,
    place: SeedPlace,
    progress: bool,
    say: Notify,
) -> None:
    """Practice on made-up rows, where the recipe asks for it and the rows allow some."""
    settings, practice = ready.recipe.train, TRAINING_TASKS[task.task].practice
    if not settings.synthetic_questions or practice is None:
        return
    examples = parts.train.examples
    count = round(float(settings.synthetic_questions) * len(examples))
    rows = practice.write(examples, count, seed=settings.seed)
    encoder = task.text_encoder(base.path / "tokenizer.json")
    made_up = make_features(task, encode_rows(task, rows, encoder))
    if not made_up:
        return
    say(f"warming up on {len(made_up)} {practice.rows}")
    once = settings.model_copy(update={"epochs": 1})
    practise(
        ready.loop(made_up, loss=loss_for(task), settings=once),
        checkpoints=place.stage("practice", every_minutes=settings.checkpoint_minutes),
        progress=progress,
        say=say,
    )


def _probe(
    built: BuiltModel,
    task: Task,
    parts: EncodedParts,
    weights: torch.Tensor | None,
    *,
    place: SeedPlace,
    say: Notify,
) -> Probe:
    """The linear probe, fitted once for all seeds."""
    path = place.shared / "probe"
    kept = load_probe(path)
    if kept is not None:
        return kept
    say("fitting the linear probe on the frozen encoder")
    probe = fit_probe(
        built.module, task, parts.train, validation=parts.validation, class_weights=weights
    )
    keep_probe(path, probe)
    return probe


def _frozen_scored(
    built: BuiltModel, task: Task, parts: EncodedParts, kept: FrozenScores | None
) -> Scored:
    """The probe's scores, taken once for all seeds."""
    if kept is None:
        return score_model(built.module, task, parts)
    if kept.scored is None:
        kept.scored = score_model(built.module, task, parts)
    return kept.scored


def score_model(model: nn.Module, task: Task, parts: EncodedParts) -> Scored:
    """Calibrate, and tune the thresholds, on validation; answer and score every part with them."""
    logits = {
        part: shared_logits(model, task, rows.encodings) for part, rows in parts.evaluated.items()
    }
    task = fit_rows(task, parts.validation, logits["validation"])
    answers = {
        part: answer_logits(task, rows, logits[part]) for part, rows in parts.evaluated.items()
    }
    evaluations = {part: each.evaluate(task) for part, each in answers.items()}
    return Scored(task, evaluations, logits, answers)


def _start_score(known: Scored, sample: EncodedRows) -> ScoreEpoch:
    """Of a model whose validation scores are known."""
    score = from_first(known.evaluations["validation"].values()[known.task.main_metric])
    return lambda model: EpochScores(score, train_score(model, known.task, sample))


def _trained(model: nn.Module) -> int:
    return sum(p.numel() for p in model.parameters() if p.requires_grad)


def _report(evaluations: Evaluations, task: Task, say: Notify, *, name: str) -> None:
    for part, evaluation in evaluations.items():
        values = evaluation.values()
        figures = ", ".join(f"{metric} {values[metric]:.4f}" for metric in task.summary_metrics)
        say(f"{name}: {part} {figures}")
