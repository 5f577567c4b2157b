"""What recalling the activations of frozen layers saves: seconds an epoch, with it and without.

::

    .venv/bin/python -m tests.benchmarks.frozen --windows 64 --tokens 64

MiniLM with a classifier on it, windows of random tokens, one thread. The first epoch, which
computes the activations, and a later one are timed for each number of frozen layers; "computed" is
the same training where nothing may be kept. Processor time: other work on the machine tells less.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence

import numpy as np
import torch

from burnish.config import TrainSection
from burnish.tasks import ClassificationTask
from burnish.tasks.windows import Window
from burnish.torch_models.base import resolve_base
from burnish.torch_models.build import build_model, input_names
from burnish.training import activations
from burnish.training.features import Feature
from burnish.training.loop import TrainingLoop
from burnish.training.loss import loss_for
from burnish.training.thawing import freeze_lowest

_LABELS = tuple("abcde")
_EPOCHS = 3


def main(argv: Sequence[str] | None = None) -> None:
    """Print a row for each number of frozen layers."""
    parser = argparse.ArgumentParser(prog="tests.benchmarks.frozen")
    parser.add_argument("--windows", type=int, default=64)
    parser.add_argument("--tokens", type=int, default=64)
    parser.add_argument("--frozen", type=int, nargs="+", default=[0, 2, 4, 6])
    given = parser.parse_args(argv)
    torch.set_num_threads(1)
    features = _features(given.windows, given.tokens)
    print("| frozen layers | computed, s | first epoch, s | later epochs, s | times | MiB kept |")
    print("|---|---|---|---|---|---|")
    limit = activations._LARGEST_BYTES
    for frozen in given.frozen:
        activations._LARGEST_BYTES = 0
        computed, _ = _epochs(features, frozen)
        activations._LARGEST_BYTES = limit
        recalled, kept = _epochs(features, frozen)
        before, after = min(computed), min(recalled[1:])
        cells = (before, recalled[0], after, before / after, kept / 2**20)
        print(f"| {frozen} | {' | '.join(f'{cell:.2f}' for cell in cells)} |", flush=True)


def _epochs(features: Sequence[Feature], frozen: int) -> tuple[list[float], int]:
    """Processor seconds of each epoch, and the bytes that were kept."""
    task = ClassificationTask(labels=_LABELS, max_length=128)
    model = build_model(resolve_base("minilm"), task, pooling="mean", seed=0).module
    freeze_lowest(model, frozen)
    settings = TrainSection(
        precision="fp32",
        epochs=_EPOCHS,
        batch_size=16,
        learning_rate=1e-5,
        head_learning_rate=1e-5,
        schedule="linear",
        layer_decay=1.0,
        gradual_unfreezing=False,
    )
    loop = TrainingLoop(
        model,
        features,
        names=input_names(model),
        new_parameters=frozenset(),
        loss=loss_for(task),
        settings=settings,
    )
    times, kept = [], 0
    begin = time.process_time()
    for step in loop.run():
        kept = max(kept, loop.kept_bytes)
        if step.ends_epoch:
            times.append(time.process_time() - begin)
            begin = time.process_time()
    return times, kept


def _features(count: int, tokens: int) -> list[Feature]:
    rng = np.random.default_rng(0)
    found = []
    for index in range(count):
        ids = rng.integers(1000, 20000, size=tokens)
        window = Window(ids, np.zeros_like(ids), start=0, stop=tokens, prefix=1)
        found.append(Feature(window, np.array(index % len(_LABELS)), 1.0))
    return found


if __name__ == "__main__":
    main()
