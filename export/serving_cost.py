"""What a model costs as it is served, as a share of another: int8, one thread, text to answer.

A student is as cheap as its bundle, not as its torch model: int8 makes matrix products faster and
nothing else, so that what remains, such as tokenizing, is a larger share of an answer.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from torch import nn

from burnish import __version__
from burnish.arrays import DoubleArray
from burnish.bundle import Manifest, write_manifest
from burnish.runtime import Model, load_model
from burnish.tasks import Input, Task

from .convert import convert
from .files import write_config, write_tokenizer
from .int8.plans import Plan, write_quantized

__all__ = ["served_share", "share_in_turn"]

_PLAN = Plan("channel", "channel")
"""What most exports choose. The other dynamic plans cost 3 % more or less, of either model."""
_ROUNDS = 60
_FEWEST_ROUNDS = 5
_ENOUGH_S = 60.0

Answer = Callable[[Input], object]


@contextmanager
def served_share(
    teacher: nn.Module, *, task: Task, tokenizer: Path, inputs: Sequence[Input]
) -> Iterator[Callable[[nn.Module], float]]:
    """Time models against a teacher, each answering from an int8 bundle of its own.

    Args:
        teacher: a merged model; it stays as it is, as the others do.
        task: what all of them do.
        tokenizer: the directory of the tokenizer's files.
        inputs: what is answered in each round, one after the other.

    Yields:
        A function from a model to the processor time of its answers by that of the teacher's.

    Raises:
        BaseModelError, BundleError: a model cannot be converted.
    """
    with _served(teacher, task, tokenizer) as reference:

        def share(model: nn.Module) -> float:
            with _served(model, task, tokenizer) as candidate:
                return share_in_turn(candidate.predict_one, reference.predict_one, inputs)

        yield share


def share_in_turn(
    candidate: Answer,
    reference: Answer,
    inputs: Sequence[Input],
    *,
    clock: Callable[[], float] = time.process_time,
) -> float:
    """The processor time of one by that of another: of each input the least over rounds.

    Other processes make an answer dearer by what they push out of the caches, and a small model's
    more so than a large one's; the least is nearest to what it costs undisturbed. All inputs are
    answered by one, then all by the other: in turn for each input, each would find its weights gone
    from the cache.

    Args:
        candidate: answers an input.
        reference: answers an input.
        inputs: what both answer in each round.
        clock: processor seconds of all threads.
    """
    begin = time.monotonic()
    least = {answer: np.full(len(inputs), np.inf) for answer in (reference, candidate)}
    for done in range(1, _ROUNDS + 1):
        for answer, times in least.items():
            np.minimum(times, _times(answer, inputs, clock), out=times)
        if done >= _FEWEST_ROUNDS and time.monotonic() - begin > _ENOUGH_S:
            break
    return float(least[candidate].sum() / least[reference].sum())


@contextmanager
def _served(model: nn.Module, task: Task, tokenizer: Path) -> Iterator[Model]:
    """A model as a server has it in memory."""
    with TemporaryDirectory(prefix="burnish-served-") as name:
        directory = Path(name)
        _write_bundle(copy.deepcopy(model), task, tokenizer, directory)
        with load_model(directory, threads=1) as served:
            yield served


def _write_bundle(model: nn.Module, task: Task, tokenizer: Path, directory: Path) -> None:
    """What a server needs, and nothing that says what the model is worth."""
    exact = directory / "fp32.onnx"
    inputs = convert(model, task, exact)
    write_config(model.config, task, directory / "config.json")
    write_quantized(exact, directory / "model.onnx", _PLAN, maxima={})
    exact.unlink()
    write_tokenizer(tokenizer, directory, max_length=task.max_length, inputs=inputs)
    manifest = Manifest(
        name="timed",
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        burnish_version=__version__,
        task=task,
        precision="int8",
        inputs=inputs,
    )
    write_manifest(directory, manifest)


def _times(answer: Answer, inputs: Sequence[Input], clock: Callable[[], float]) -> DoubleArray:
    answer(inputs[-1])  # what follows is in the cache
    marks = [clock()]
    for given in inputs:
        answer(given)
        marks.append(clock())
    return np.diff(marks)
