"""Answers of a run's own model, before it is exported."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from burnish.errors import InputError
from burnish.run import Run
from burnish.tasks import Prediction, Task
from burnish.torch_models.checkpoint import load_run_model
from burnish.torch_models.logits import predict_logits

from ..distributed.determinism import reproducible

__all__ = ["predict_run"]


def predict_run(
    run: Run, inputs: Sequence[Any], *, task: Task | None = None
) -> list[Prediction | InputError]:
    """What a run's model answers to inputs, in their order.

    Args:
        run: the run.
        inputs: the task's inputs; an `InputError` is passed on.
        task: decides with other thresholds than the run's.

    Raises:
        RunError: the run's base model was changed.
    """
    task = task or run.record.task
    encoder = task.text_encoder(run.path / "model" / "tokenizer.json")
    results: list[Any] = list(inputs)
    read = {}
    for place, given in enumerate(inputs):
        if isinstance(given, InputError):
            continue
        try:
            read[place] = task.encode(given, encoder)
        except InputError as error:
            results[place] = error
    training = run.record.training
    with reproducible(seed=training.seed, threads=training.threads):
        logits = predict_logits(load_run_model(run), task, list(read.values()))
    for (place, encoding), windows in zip(read.items(), logits, strict=True):
        results[place] = task.decode(inputs[place], encoding, windows)
    return results
