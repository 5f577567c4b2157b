"""The training loop: one optimizer step after another, and whoever watches between them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from burnish.config import TrainSection
from burnish.errors import RunError
from burnish.torch_models.logits import pad_id

from .batches import Collator, LengthGroupedBatches
from .device import device_of, placed
from .features import Feature
from .loss import Loss
from .optimizer import make_optimizer, make_schedule
from .processes import add_gradients, copy_from_first, process_rank, share_of, total
from .watching import History, ProgressBar, Score, Watcher, restore_best

__all__ = ["Step", "TrainingLoop", "fit", "practise"]

_LARGEST_NORM = 1.0
"""Of a step's gradient; a longer one is shortened to it."""


@dataclass(frozen=True, slots=True)
class Step:
    """An optimizer step that was done."""

    number: int
    """From 1, over all epochs."""
    epoch: float
    """How many were gone through, this step included."""
    loss: float
    """Mean over the step's batches, of all processes."""
    learning_rate: float
    """Of the first group of parameters, in this step."""
    ends_epoch: bool


class TrainingLoop:
    """What changes while a model is trained.

    A step depends on the model, the optimizer and the step's number alone: the order of an epoch's
    batches is drawn from seed and epoch, a step's dropout from seed and step. So a loop that goes
    on from a saved state ends with the same bits as one that was never interrupted.

    Args:
        model: trained in place; what requires a gradient is.
        features: training windows.
        names: the tensors that the model takes.
        new_parameters: the parameters that take the head's learning rate.
        loss: the task's.
        settings: resolved: nothing is ``auto``.
    """

    def __init__(
        self,
        model: nn.Module,
        features: Sequence[Feature],
        *,
        names: Sequence[str],
        new_parameters: frozenset[str],
        loss: Loss,
        settings: TrainSection,
    ) -> None:
        copy_from_first(model)
        self.model = model
        self.settings = settings
        self._features = features
        self._loss = loss
        self._collate = Collator(names, pad_id=pad_id(_inner(model)))
        self._batches = LengthGroupedBatches(
            [len(feature) for feature in features],
            batch_size=int(settings.batch_size),
            seed=settings.seed,
        )
        self.steps_per_epoch = math.ceil(len(self._batches) / settings.gradient_accumulation)
        self.optimizer = make_optimizer(model, settings, new_parameters)
        self.schedule = make_schedule(self.optimizer, settings, steps=self.steps)
        self.done = 0

    @property
    def steps(self) -> int:
        """Of all epochs."""
        return self.steps_per_epoch * int(self.settings.epochs)

    def run(self) -> Iterator[Step]:
        """Go on to the last step; the one who iterates may stop at any.

        Raises:
            RunError: the loss is not a number any more.
        """
        while self.done < self.steps:
            epoch, first = divmod(self.done, self.steps_per_epoch)
            self.model.train()
            for batches in self._step_batches(epoch)[first:]:
                yield self._step(batches)
                self.model.train()  # whoever looked at it may have left it in eval mode

    def _step_batches(self, epoch: int) -> list[list[list[int]]]:
        """The batches of indices of each of an epoch's steps."""
        batches, size = self._batches.of_epoch(epoch), self.settings.gradient_accumulation
        return [batches[begin : begin + size] for begin in range(0, len(batches), size)]

    def _step(self, batches: Sequence[Sequence[int]]) -> Step:
        # Each process has rows of its own, so its dropout must be its own too.
        torch.manual_seed((self.settings.seed << 31) + (process_rank() << 24) + self.done)
        losses = [self._backward(batch, share=1 / len(batches)) for batch in batches]
        trained = [p for p in self.model.parameters() if p.requires_grad]
        add_gradients(trained)
        nn.utils.clip_grad_norm_(trained, _LARGEST_NORM)
        rate = float(self.schedule.get_last_lr()[0])
        self.optimizer.step()
        self.schedule.step()
        self.optimizer.zero_grad()
        self.done += 1
        epoch, within = divmod(self.done, self.steps_per_epoch)
        return Step(
            number=self.done,
            epoch=epoch + within / self.steps_per_epoch,
            loss=sum(losses) / len(losses),
            learning_rate=rate,
            ends_epoch=within == 0,
        )

    def _backward(self, batch: Sequence[int], *, share: float) -> float:
        inputs = self._collate([self._features[index] for index in batch])
        whole = self._loss.weight(inputs["targets"], inputs["weights"])
        inputs = placed(share_of(inputs), self.model)
        targets, weights = inputs.pop("targets"), inputs.pop("weights")
        part = float(self._loss.weight(targets, weights) / whole)
        loss = self._loss(self._forward(inputs), targets, weights) if part else None
        value = total(loss.item() * part if loss is not None else 0.0)
        if not math.isfinite(value):
            raise RunError(
                f"the training diverged: the loss is {value} at step {self.done + 1}",
                "lower the learning rate, for example train.learning_rate="
                f"{float(self.settings.learning_rate) / 4:.2g}",
            )
        if loss is not None:
            torch.autograd.backward(loss * (share * part))
        return float(value)

    def _forward(self, inputs: dict[str, torch.Tensor]) -> Any:
        """In bf16 only the products are: weights, loss and optimizer stay in fp32."""
        if self.settings.precision == "fp32":
            return self.model(**inputs)
        with torch.autocast(device_of(self.model).type, dtype=torch.bfloat16):
            output = self.model(**inputs)
        return type(output)(**{name: tensor.float() for name, tensor in output.items()})


def fit(
    loop: TrainingLoop,
    *,
    score: Score,
    staging: Path,
    progress: bool,
    say: Callable[[str], None],
    start_score: float | None = None,
) -> History:
    """Train a model in place; it ends with the weights of its best epoch.

    Args:
        loop: the model, and how it is trained.
        score: asked before the first step and after every epoch; more is better.
        staging: ``log.jsonl`` and, while it runs, ``checkpoints/`` are written here.
        progress: show a bar on stderr.
        say: told every epoch's score.
        start_score: the score before the first step, where it is known already.

    Raises:
        RunError: the loss is not a number any more.
    """
    checkpoints = staging / "checkpoints"
    checkpoints.mkdir()
    with (
        (staging / "log.jsonl").open("w", encoding="utf-8") as log,
        closing(ProgressBar(loop.steps, shown=progress)) as bar,
    ):
        watcher = Watcher(
            loop.model, score, best=checkpoints / "best.safetensors", log=log, say=say
        )
        watcher.begin(start_score)
        for step in loop.run():
            bar.saw(step.epoch, step.loss)
            watcher.saw(step.number, step.epoch, loss=step.loss, learning_rate=step.learning_rate)
            if step.ends_epoch:
                watcher.end_epoch(round(step.epoch))
                if watcher.history.stale >= loop.settings.patience:
                    break
    restore_best(loop.model, watcher.best)
    watcher.best.unlink()
    checkpoints.rmdir()
    return watcher.history


def practise(loop: TrainingLoop, *, progress: bool) -> None:
    """Go through a loop's features unwatched: there is nothing to choose between.

    Args:
        loop: the model, made-up rows, and settings with a rise and fall of the learning rate of
            their own.
        progress: show a bar on stderr.
    """
    with closing(ProgressBar(loop.steps, shown=progress)) as bar:
        for step in loop.run():
            bar.saw(step.epoch, step.loss)


def _inner(model: nn.Module) -> nn.Module:
    inner = getattr(model, "get_base_model", None)
    return inner() if inner is not None else model
