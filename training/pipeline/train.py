"""A training from recipe to run directory, to be read from top to bottom."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import cast

from transformers import set_seed

from burnish.calibration import foresee, foresee_thresholds
from burnish.data import DataSet, Rows
from burnish.data.checks.language import read_language
from burnish.digest import file_sha256
from burnish.directory import check_free, staged_directory
from burnish.interruption import Interruption
from burnish.notify import Notify, ignore
from burnish.recipe.recipe import Recipe
from burnish.run import Run, read_run
from burnish.tasks import Task
from burnish.tasks.answered import Answered
from burnish.tasks.encoded import encode_rows
from burnish.tasks.evaluation import Evaluation, check_labels
from burnish.torch_models.base import BaseModel
from burnish.torch_models.checkpoint import load_run_model

from ..checkpointing.checkpoints import LOG, Clock, Keeping
from ..checkpointing.workdir import TrainingPlace, telling_full_disk
from ..data.splits import EncodedParts, encode_parts, make_task, size_task
from ..distributed.determinism import reproducible
from ..distributed.processes import from_first, is_first, joined, process_count
from ..evaluation.bias import record_terms
from ..evaluation.scoring import answer_model
from ..loop.fitting import Watch, unwatched
from ..loop.trackers import Curve, tracked
from ..record.fingerprint import basis_of
from ..results.averaging import WeightAverage
from ..results.evidence import gather_evidence
from ..results.saving import save_run
from ..results.seeds import Seeds, train_seeds
from ..results.tuned import FrozenScores, Tuned
from .distillation.teaching import teach, teacher_digests
from .preparation import prepare
from .tuning import average_model, tune_model

__all__ = ["answer_run", "evaluate_run", "loaded_run", "train", "tune_seeds"]


def train(
    recipe: Recipe,
    *,
    data: DataSet | Mapping[str, DataSet] | None = None,
    replace: bool = False,
    fresh: bool = False,
    notify: Notify | None = None,
    progress: bool | None = None,
) -> Run:
    """Train as a recipe says and leave a run directory.

    A training that was interrupted, however, goes on where its newest checkpoint is, and ends with
    the bits of one that was not. Called in the main thread it takes SIGTERM and SIGINT meanwhile.
    Started by ``torchrun``, the processes train one model together, from the beginning, and the
    first of them writes.

    Args:
        recipe: of :func:`burnish.recipe.recipe.load_recipe`.
        data: a Hugging Face ``Dataset`` in place of ``data.train``, or a ``DatasetDict`` with
            a validation and a test set too.
        replace: put the run in place of an older one.
        fresh: begin anew where an interrupted training could go on.
        notify: told what is going on, a line at a time.
        progress: show a bar on stderr; where None, if stderr is a terminal.

    Raises:
        ConfigError: the recipe asks for what does not exist.
        UsageError: the output directory holds something that may not be replaced.
        DataError: the rows are wrong, or there is no validation set.
        BaseModelError: the base model is refused.
        RunError: the training diverged, or the saved model is not the trained one; another
            training has this output; an interrupted one was begun with something else; the disk
            is full.
        StoppedError: SIGTERM or SIGINT came.
        SystemExit: another process failed, and says why.
    """
    stop = Interruption()
    with joined(), stop.listening(), _own_output(recipe) as own:
        first = is_first()
        keeping = Keeping(stop, Clock(time.monotonic()), (first and notify) or ignore)
        shown = first and (sys.stderr.isatty() if progress is None else progress)
        # A checkpoint is of one process, and the others could not go on with it.
        fresh = fresh or process_count() > 1
        run = _train(own, data, keeping, replace=replace, fresh=fresh, progress=shown)
        return cast(Run, from_first(run))


@contextmanager
def _own_output(recipe: Recipe) -> Iterator[Recipe]:
    """The recipe; what all but the first of several processes write is thrown away."""
    if is_first():
        yield recipe
        return
    with TemporaryDirectory(prefix="burnish-") as scratch:
        yield recipe.model_copy(update={"output": Path(scratch) / recipe.output.name})


def _train(
    recipe: Recipe,
    data: DataSet | Mapping[str, DataSet] | None,
    keeping: Keeping,
    *,
    replace: bool,
    fresh: bool,
    progress: bool,
) -> Run | None:
    """The run; None in all but the first of the processes that train it."""
    say = keeping.say
    place = TrainingPlace(recipe.output, keeping)
    place.check_unowned()
    finished = not fresh and place.has_finished()
    if not finished:
        check_free(recipe.output, marker="record.json", replace=replace)
    base, split, recipe = prepare(recipe, data)
    terms = record_terms(recipe.bias)
    teacher = teacher_digests(recipe)
    basis = basis_of(recipe, base=base, split=split, terms=terms, teacher=teacher)
    if finished and not place.rests_on(basis):  # so another run is to take its place
        check_free(recipe.output, marker="record.json", replace=replace)
        finished, fresh = False, True
    with (
        reproducible(
            seed=recipe.train.seed,
            threads=int(recipe.train.threads),
            device=recipe.train.device,
        ),
        place.held(basis, fresh=fresh),
        telling_full_disk(place),
    ):
        if finished:
            say(f"the run was finished already; {place.path.name} is cleaned up")
            return read_run(recipe.output)
        task = make_task(recipe, split, base)
        parts = encode_parts(task, split, base.path / "tokenizer.json")
        recipe, task = size_task(recipe, task, parts)
        known = parts.validation.examples
        early = (foresee(task, known, recipe.abstain), *foresee_thresholds(task, known))
        for text in filter(None, early):
            say(f"note: before training: {text}")
        language = read_language(
            [each.body for each in parts.train.examples], base.path / "tokenizer.json"
        )
        if not language.is_known:
            say(f"note: before training: {language.describe(base.name)}; {language.fix}")
        curves: dict[int, Curve | None] = {}
        tuned, seeds = tune_seeds(base, task, parts, recipe, place, curves, progress=progress)
        if not is_first():
            return None
        evidence = gather_evidence(
            tuned,
            parts,
            base=base,
            split=split,
            recipe=_of_seed(recipe, seeds.kept),
            basis=basis,
            say=say,
        )
        with staged_directory(
            recipe.output, marker="record.json", replace=replace, within=place.path
        ) as staging:
            shutil.copyfile(place.seed(seeds.kept).log, staging / LOG)
            save_run(
                staging,
                tuned,
                evidence,
                base=base,
                recipe=recipe,
                split=split,
                parts=parts,
                seeds=seeds,
                terms=terms,
                teacher=teacher,
                wall_time_s=keeping.clock.elapsed(),
                resumed=place.starts - 1,
            )
            place.mark_finished(file_sha256(staging / "record.json"), basis)
    for note in (*parts.notes, *tuned.notes, *seeds.notes, *evidence.notes):
        say(f"note: {note}")
    run = read_run(recipe.output)
    if (curve := curves.get(seeds.kept)) is not None:
        curve.publish(run)
    return run


def tune_seeds(
    base: BaseModel,
    task: Task,
    parts: EncodedParts,
    recipe: Recipe,
    place: TrainingPlace,
    curves: dict[int, Curve | None],
    *,
    progress: bool,
    watch: Watch = unwatched,
) -> tuple[Tuned, Seeds]:
    """Train every seed of a resolved recipe on the same rows.

    Args:
        base: a vetted base model.
        task: its labels and window.
        parts: encoded rows.
        recipe: resolved.
        place: held.
        curves: gets each seed's.
        progress: show a bar on stderr.
        watch: called after every epoch.
    """
    settings = recipe.train
    seeds = [settings.seed + index for index in range(int(settings.seeds))]
    say = place.keeping.say
    frozen_scores = FrozenScores()
    teaching = teach(recipe, task, parts, base, say=say)

    def tune(seed: int) -> Tuned:
        set_seed(seed)
        name = recipe.output.name if len(seeds) == 1 else f"{recipe.output.name}-seed-{seed}"
        with tracked(_of_seed(recipe, seed), say, name=name) as curves[seed]:
            return tune_model(
                base,
                task,
                parts,
                recipe=_of_seed(recipe, seed),
                start_seed=settings.seed,
                place=place.seed(seed),
                progress=progress,
                say=say if len(seeds) == 1 else lambda text: say(f"seed {seed}: {text}"),
                frozen_scores=frozen_scores,
                teaching=teaching,
                watch=watch,
            )

    def average(weights: WeightAverage, seed: int, like: Tuned) -> Tuned:
        return average_model(weights, like, task, parts, recipe=_of_seed(recipe, seed), say=say)

    return train_seeds(seeds, tune, average=average, say=say)


def _of_seed(recipe: Recipe, seed: int) -> Recipe:
    """The recipe of one of its seeds, but for the split."""
    one = recipe.train.model_copy(update={"seed": seed, "seeds": 1})
    return recipe.model_copy(update={"train": one})


def evaluate_run(run: Run, rows: Rows) -> Evaluation:
    """Score a run's model on other rows.

    Raises:
        DataError, RunError: as :func:`answer_run`.
    """
    return answer_run(run, rows).evaluate(run.record.task)


def answer_run(run: Run, rows: Rows) -> Answered:
    """What a run's model answers to other rows.

    Raises:
        DataError: the rows are of another task, or hold a label that the model does not know.
        RunError: the run's base model was changed.
    """
    with loaded_run(run) as answer:
        return answer(rows)


@contextmanager
def loaded_run(run: Run) -> Iterator[Callable[[Rows], Answered]]:
    """A run's model in memory: a function from rows to its answers; raises as `answer_run`."""
    task, training = run.record.task, run.record.training
    encoder = task.text_encoder(run.path / "model" / "tokenizer.json")
    with reproducible(seed=training.seed, threads=training.threads):
        model = load_run_model(run)

        def answer(rows: Rows) -> Answered:
            check_labels(task, rows)
            return answer_model(model, task, encode_rows(task, rows.examples, encoder))

        yield answer
