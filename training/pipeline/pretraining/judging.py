"""Whether a pre-trained base helps: a recipe's rows, on the old base and on the new one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from burnish.errors import UsageError
from burnish.evidence.comparison import Comparison, Contestant, compare_models
from burnish.notify import Notify
from burnish.recipe.recipe import Recipe
from burnish.tasks import Task
from burnish.tasks.answered import Answered
from burnish.tasks.encoded import encode_rows
from burnish.torch_models.checkpoint import load_run_model

from ...data.splits import encode_parts, make_task
from ...distributed.determinism import reproducible
from ...evaluation.linear_probe import fit_probe, start_head
from ...evaluation.scoring import answer_model
from ..preparation import prepare
from ..setup import build_for, class_weights_of
from ..train import train
from ..tuning import score_model

__all__ = ["judge_bases"]


def judge_bases(
    recipe: Recipe, bases: Sequence[str], *, full: bool = False, notify: Notify
) -> Comparison:
    """Score a recipe's rows on several bases: the second's difference from the first is paired.

    Args:
        recipe: names the rows; test rows are asked where it has some, else those of validation.
        bases: names or directories of base models, the old one first.
        full: tune on each, as the recipe says; else fit the linear probe of the frozen encoder.
        notify: told what is going on.

    Raises:
        UsageError: the task has no probe.
        ConfigError, DataError, BaseModelError, RunError: as a training.
    """
    asked = _tuned if full else _probed
    contestants, examples = [], None
    for base in bases:
        notify(f"{'tuning' if full else 'fitting the linear probe'} on {base}")
        with TemporaryDirectory(prefix="burnish-") as scratch:
            own = {"base_model": base, "revision": None, "output": Path(scratch) / "run"}
            task, answered = asked(recipe.model_copy(update=own), notify)
        by_row = dict(zip((e.id for e in answered.examples), answered.predictions, strict=True))
        examples = examples or answered.examples
        contestants.append(
            Contestant(
                name=base,
                task=task,
                predictions=tuple(by_row[example.id] for example in examples),
                cpu_ms=0.0,
                size_bytes=0,
            )
        )
    return compare_models(examples or (), contestants)


def _probed(recipe: Recipe, notify: Notify) -> tuple[Task, Answered]:
    del notify
    base, split, recipe = prepare(recipe)
    task = make_task(recipe, split, base)
    if not task.head.of_windows:
        raise UsageError(
            f"{recipe.task} has no linear probe, since its answers are for single tokens",
            "add --full, which tunes the recipe on both bases",
        )
    settings = recipe.train
    with reproducible(seed=settings.seed, threads=int(settings.threads), device=settings.device):
        parts = encode_parts(task, split, base.path / "tokenizer.json")
        built = build_for(base, task, recipe, rows=len(parts.train), seed=settings.seed)
        weights = class_weights_of(task, parts, recipe)
        probe = fit_probe(
            built.module, task, parts.train, validation=parts.validation, class_weights=weights
        )
        start_head(built.module, probe)
        scored = score_model(built.module, task, parts)
    return scored.task, scored.answers["test" if parts.test else "validation"]


def _tuned(recipe: Recipe, notify: Notify) -> tuple[Task, Answered]:
    run = train(recipe, notify=notify, progress=False)
    _, split, _ = prepare(recipe)
    task, training = run.record.task, run.record.training
    rows = split.parts["test" if "test" in split.parts else "validation"]
    encoder = task.text_encoder(run.path / "model" / "tokenizer.json")
    with reproducible(seed=training.seed, threads=training.threads):
        return task, answer_model(load_run_model(run), task, encode_rows(task, rows, encoder))
