"""What a teacher answers to a student's rows, as the student's training windows."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from burnish.arrays import DoubleArray, FloatArray
from burnish.batch.fields import Asked, Fields
from burnish.batch.sources import form_of, read_file
from burnish.data.readers.folder import folder_files
from burnish.digest import file_sha256
from burnish.errors import DataError, InputError, RunError, UsageError
from burnish.notify import Notify
from burnish.plural import plural
from burnish.recipe.recipe import Recipe
from burnish.run import Run, TeacherRecord, read_run
from burnish.tasks import Input, Task, TextEncoder
from burnish.tasks.readable import validate_text
from burnish.tasks.regimes import IGNORED, Regime, task_regime
from burnish.tasks.scores import sigmoid, window_mean
from burnish.tasks.table import find_task
from burnish.tasks.windows import Encoding, Window
from burnish.torch_models.base import BaseModel
from burnish.torch_models.checkpoint import load_run_model
from burnish.torch_models.merging import merge_adapter

from ...data.features import Feature
from ...data.splits import EncodedParts
from ...distributed.shared_logits import shared_logits
from ...loop.loss import Loss
from .hidden_states import StateDistance, check_states, vocabulary
from .soft_loss import NOT_KNOWN, soft_loss

__all__ = ["Teaching", "read_teacher", "teach", "teacher_digests"]

_SAME_TOKENS = "its answers are for single tokens, so teacher and student must read the same ones"


@dataclass(frozen=True, slots=True)
class Teaching:
    """What a student learns from in place of the rows' labels alone."""

    features: Sequence[Feature]
    """Windows of the training rows and of the texts without labels, with packed targets."""
    loss: Callable[[torch.Tensor | None, StateDistance | None], Loss]
    """From the weights of the classes, and what `follow` found."""
    teacher: nn.Module | None = None
    """Whose hidden states are learned; None where its answers alone are."""

    def follow(self, student: nn.Module) -> StateDistance | None:
        """Compare a student's hidden states with the teacher's, from now on, if they are learned.

        Args:
            student: on its device.
        """
        return None if self.teacher is None else StateDistance(student, self.teacher)


def read_teacher(recipe: Recipe) -> Run | None:
    """The run that teaches a recipe's model; None where there is none.

    Raises:
        RunError: there is no run, or it is of another task.
    """
    if recipe.distill.teacher is None:
        return None
    run = read_run(recipe.distill.teacher)
    if run.record.task.task != recipe.task:
        raise RunError(
            f"{run.path} is a model for {run.record.task.task}, and the recipe is for "
            f"{recipe.task}",
            f"name a run for {recipe.task} in distill.teacher",
        )
    return run


def teacher_digests(recipe: Recipe) -> TeacherRecord | None:
    """Who teaches a recipe's model, with digests; None where nobody does."""
    run = read_teacher(recipe)
    if run is None:
        return None
    texts = recipe.distill.unlabelled
    return TeacherRecord(
        run=str(run.path),
        sha256=file_sha256(run.path / "record.json"),
        unlabelled=None if texts is None else str(texts),
        unlabelled_sha256=None if texts is None else _texts_sha256(texts),
    )


def _texts_sha256(path: Path) -> str:
    """Of a file; of the names and the digests of a folder's texts."""
    if not path.exists():
        raise UsageError(f"{path}: no such file", "check distill.unlabelled")
    if path.is_file():
        return file_sha256(path)
    listed = "".join(f"{file_sha256(path / name)} {name}\n" for name in folder_files(path))
    return hashlib.sha256(listed.encode()).hexdigest()


def teach(
    recipe: Recipe, task: Task, parts: EncodedParts, base: BaseModel, *, say: Notify
) -> Teaching | None:
    """Ask a recipe's teacher about the training rows, and the texts without labels, once.

    Args:
        recipe: resolved.
        task: the student's.
        parts: encoded for the student.
        base: the student's.
        say: told how many texts there are.

    Returns:
        None where the recipe names no teacher.

    Raises:
        RunError: the teacher is of another task, lacks a label, or reads other tokens where
            that matters.
        ConfigError: the student cannot learn its hidden states.
        UsageError, DataError: the texts cannot be read.
    """
    run = read_teacher(recipe)
    if run is None:
        return None
    _check_labels(run, task)
    tokenizer = base.path / "tokenizer.json"
    encoder = task.text_encoder(tokenizer)
    if not task.head.of_windows:
        _check_tokens(run, task, tokenizer)
    model = load_run_model(run)
    if recipe.distill.hidden_states:
        check_states(run, model, base, task)
    texts = _read_texts(recipe.distill.unlabelled, task, encoder, say=say)
    if texts:
        say(plural(len(texts), "# [text|texts] without labels [is|are] taught too"))
    given = [*parts.train.inputs, *(each for each, _ in texts)]
    encodings = [*parts.train.encodings, *(encoding for _, encoding in texts)]
    pairs = zip(parts.train.examples, parts.train.encodings, strict=True)
    own: list[Sequence[npt.NDArray[Any]] | None] = [task.targets(*pair) for pair in pairs]
    own += [None] * len(texts)
    pack, features = _PACKS[task_regime(task)], []
    temperature = recipe.distill.temperature
    answers = _told(run, model, task, given, encodings, temperature=temperature)
    for encoding, told, truth in zip(encodings, answers, own, strict=True):
        weight = 1 / len(encoding.windows) if task.head.of_windows else 1.0
        for place, window in enumerate(encoding.windows):
            target = pack(window, told[place], None if truth is None else truth[place])
            features.append(Feature(window, target.astype(np.float32), weight))
    return Teaching(
        features,
        partial(soft_loss, task, recipe.distill),
        merge_adapter(model) if recipe.distill.hidden_states else None,
    )


def _told(
    run: Run,
    model: nn.Module,
    task: Task,
    given: Sequence[Input],
    encodings: Sequence[Encoding],
    *,
    temperature: float,
) -> list[list[FloatArray]]:
    """The teacher's logits for every window of the student's, its labels in the student's order.

    Of labels in a tree their probabilities instead.
    """
    teacher = run.record.task
    if not task.head.of_windows:  # the same tokens
        return shared_logits(model, teacher, encodings)
    encoder = teacher.text_encoder(run.path / "model" / "tokenizer.json")
    own = [teacher.encode(each, encoder) for each in given]
    order = [teacher.output_labels.index(label) for label in task.output_labels]
    means = [window_mean(windows) for windows in shared_logits(model, teacher, own)]
    if task.tree is not None:  # the two may differ in what their numbers are
        means = [_softened(mean, teacher, temperature) for mean in means]
    means = [mean[order] for mean in means]
    if task_regime(task) is Regime.NUMBER:
        means = [_rescaled(mean, teacher, task) for mean in means]
    return [
        [mean.astype(np.float32)] * len(encoding.windows)
        for mean, encoding in zip(means, encodings, strict=True)
    ]


def _softened(told: DoubleArray, teacher: Any, temperature: float) -> DoubleArray:
    """The probability of each label of a tree, at a temperature."""
    odds: DoubleArray = teacher.odds([told / temperature])
    return sigmoid(odds)


def _rescaled(told: DoubleArray, teacher: Any, task: Any) -> DoubleArray:
    """A score in deviations from the mean of the student's rows, in place of the teacher's."""
    score = teacher.center + teacher.spread * told
    found: DoubleArray = (score - task.center) / task.spread
    return found


def _check_labels(run: Run, task: Task) -> None:
    known = run.record.task.output_labels
    lacking = [label for label in task.output_labels if label not in known]
    if lacking or run.record.task.several_labels != task.several_labels:
        said = f"does not know {', '.join(map(repr, lacking[:5]))}" if lacking else "answers with "
        if not lacking:
            said += "several labels" if run.record.task.several_labels else "one label"
            said += " a text, and the rows do not"
        raise RunError(
            f"the teacher {run.path} {said}",
            "a student learns the teacher's labels: give the rows that the teacher learned from",
        )


def _check_tokens(run: Run, task: Task, tokenizer: Path) -> None:
    teacher, own = run.record.task, run.path / "model" / "tokenizer.json"
    if teacher.output_labels != task.output_labels:
        raise RunError(
            f"the teacher {run.path} has its labels in another order", "teach with the same rows"
        )
    if vocabulary(own) != vocabulary(tokenizer):
        raise RunError(
            f"the teacher {run.path} has another tokenizer than the student: {_SAME_TOKENS}",
            "make the student of the teacher's own layers (burnish distill RUN --layers N)",
        )
    if (teacher.max_length, teacher.stride) != (task.max_length, task.stride):
        raise RunError(
            f"the teacher {run.path} reads windows of {teacher.max_length} tokens with "
            f"{teacher.stride} of overlap, the student {task.max_length} with {task.stride}: "
            f"{_SAME_TOKENS}",
            f"set train.max_length={teacher.max_length} train.stride={teacher.stride}",
        )


def _read_texts(
    path: Path | None, task: Task, encoder: TextEncoder, *, say: Notify
) -> list[tuple[Input, Encoding]]:
    """Inputs without labels that can be read, each once."""
    if path is None:
        return []
    if not path.exists():
        raise UsageError(f"{path}: no such file", "check distill.unlabelled")
    found: dict[Input, Encoding] = {}
    left_out, first = 0, ""
    for number, each in enumerate(read_file(path, form_of(path), Fields(task=task.task)), start=1):
        try:
            found.setdefault(*_read_text(each, task, encoder))
        except InputError as error:
            left_out += 1
            first = first or f"row {number}: {error.message}"
    if not found or left_out > len(found):
        raise DataError(
            f"{path}: {left_out:,} rows hold no text that can be read, and {len(found):,} do"
            + (f" ({first})" if first else ""),
            "give a file of texts, in UTF-8, as burnish predict reads it",
        )
    if left_out:
        say(f"{path.name}: {plural(left_out, '# [row is|rows are] left out')} ({first})")
    return [*found.items()]


def _read_text(given: Asked, task: Task, encoder: TextEncoder) -> tuple[Input, Encoding]:
    if isinstance(given, InputError):
        raise given
    for text in find_task(task.task).inputs.texts(given):
        validate_text(text)
    return given, task.encode(given, encoder)


_Pack = Callable[[Window, FloatArray, npt.NDArray[Any] | None], npt.NDArray[Any]]
"""From a window, the teacher's logits and the own target, if known, to the packed target."""


def _one_label(_: Window, told: FloatArray, own: npt.NDArray[Any] | None) -> npt.NDArray[Any]:
    return np.concatenate([[NOT_KNOWN if own is None else own], told])


def _several_labels(_: Window, told: FloatArray, own: npt.NDArray[Any] | None) -> npt.NDArray[Any]:
    return np.stack([np.full_like(told, NOT_KNOWN) if own is None else own, told])


def _tags(window: Window, told: FloatArray, own: npt.NDArray[Any] | None) -> npt.NDArray[Any]:
    if own is None:
        own = np.full(len(window), IGNORED)
        own[window.prefix : window.prefix + window.stop - window.start] = NOT_KNOWN
    return np.column_stack([own, told])


def _span(window: Window, told: FloatArray, own: npt.NDArray[Any] | None) -> npt.NDArray[Any]:
    truth = np.zeros((len(window), 2))
    if own is not None:
        truth[own, [0, 1]] = 1
    return np.column_stack([told, truth])


def _number(_: Window, told: FloatArray, own: npt.NDArray[Any] | None) -> npt.NDArray[Any]:
    return np.array([np.nan if own is None else own, told[0]])


_PACKS: Mapping[Regime, _Pack] = {
    Regime.ONE_LABEL: _one_label,
    Regime.SEVERAL_LABELS: _several_labels,
    Regime.PATH: _several_labels,
    Regime.BRANCHES: _several_labels,
    Regime.TAGS: _tags,
    Regime.SPAN: _span,
    Regime.NUMBER: _number,
    Regime.MARKS: _tags,
}
