"""The training loop: one optimizer step after another."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import torch
from torch import nn

from burnish.errors import DivergedError
from burnish.recipe.recipe import TrainSection
from burnish.torch_models.inner import inner_model
from burnish.torch_models.logits import pad_id

from ..checkpointing.state import StepHook
from ..data.batches import Batches, Collator, LengthGroupedBatches
from ..data.features import Feature
from ..distributed.device import device_of, placed
from ..distributed.processes import add_gradients, copy_from_first, process_rank, share_of, total
from .loss import Loss
from .optimizer import make_optimizer, make_schedule
from .regularization import Anchor
from .unfreezing import Thawing

__all__ = ["Step", "TrainingLoop"]

_HIGHEST_RATE = 0.01
"""No method can use a higher rate, so a quarter of one is not worth suggesting."""
_LARGEST_NORM = 1.0
"""Gradients are clipped to this norm."""


@dataclass(frozen=True, slots=True)
class Step:
    """A finished optimizer step."""

    number: int
    """Number of the step over all epochs, from 1."""
    epoch: float
    """Number of epochs so far, this step included."""
    loss: float
    """Mean over the step's batches of all processes."""
    learning_rate: float
    """Learning rate of the first group of parameters in this step."""
    ends_epoch: bool
    tokens: int
    """Number of tokens that the model read, padding included."""


class TrainingLoop:
    """A model in training, step by step.

    A step depends only on the model, the optimizer and the step's number: seed and epoch draw the
    order of an epoch's batches, seed and step a step's dropout. So a resumed loop ends with the
    same bits as one that was never interrupted.

    Args:
        model: its parameters that require a gradient are trained in place.
        features: training windows.
        names: the tensors that the model takes.
        new_parameters: the parameters that take the head's learning rate.
        loss: the task's.
        settings: resolved: nothing is ``auto``.
        rate_factors: factors of the learning rate, by parameter, where they are not 1.
        batches: which windows form a batch; those of similar length where None.
        anchor: pulls the weights back towards their start, if any.
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
        rate_factors: Mapping[str, float] = MappingProxyType({}),
        batches: Batches | None = None,
        anchor: Anchor | None = None,
    ) -> None:
        copy_from_first(model)
        self.model = model
        self.settings = settings
        self._features = features
        self._loss = loss
        inner: Any = inner_model(model)
        start = getattr(inner.config, "decoder_start_token_id", None)
        self._collate = Collator(names, pad_id=pad_id(inner), start_id=start)
        self._batches = batches or LengthGroupedBatches(
            [len(feature) for feature in features],
            batch_size=int(settings.batch_size),
            seed=settings.seed,
        )
        self.steps_per_epoch = math.ceil(len(self._batches) / settings.gradient_accumulation)
        # Named once: gradual unfreezing switches gradients off and on.
        self.trained = frozenset(n for n, p in model.named_parameters() if p.requires_grad)
        self.optimizer: torch.optim.Optimizer = make_optimizer(
            model, settings, new_parameters, factors=rate_factors
        )
        self.schedule = make_schedule(self.optimizer, settings, steps=self.steps)
        self.thawing = Thawing(model, settings)
        self._anchor = anchor
        self.done = 0
        self.hook: StepHook | None = None
        """The method's own work in every step; set it before the first."""

    @property
    def steps(self) -> int:
        """Number of steps of all epochs."""
        return self.steps_per_epoch * int(self.settings.epochs)

    def run(self) -> Iterator[Step]:
        """Do the remaining steps; the caller may stop at any of them.

        Raises:
            DivergedError: the loss is not a finite number.
        """
        while self.done < self.steps:
            epoch, first = divmod(self.done, self.steps_per_epoch)
            self.thawing.begin(epoch)
            for batches in self._step_batches(epoch)[first:]:
                self.model.train()  # the caller may have left it in eval mode
                self.thawing.rest()
                yield self._step(batches)
        self.thawing.end()

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
        if self.hook is not None:
            self.hook.after_gradient()
        norm = nn.utils.clip_grad_norm_(trained, _LARGEST_NORM).item()
        self._check_finite(norm, "length of the gradient")  # the weights are still good
        rate = float(self.schedule.get_last_lr()[0])
        self.optimizer.step()
        if self._anchor is not None:
            self._anchor.pull(self.model, self.optimizer)
        self.schedule.step()
        if self.hook is not None:
            self.hook.after_step(self.done + 1)
        self.optimizer.zero_grad()
        self.done += 1
        epoch, within = divmod(self.done, self.steps_per_epoch)
        return Step(
            number=self.done,
            epoch=epoch + within / self.steps_per_epoch,
            loss=sum(losses) / len(losses),
            learning_rate=rate,
            ends_epoch=within == 0,
            tokens=sum(map(self._tokens, batches)),
        )

    def tokens_left(self) -> int:
        """Number of tokens of all remaining steps, as if every epoch had the next one's batches."""
        epoch, within = divmod(self.done, self.steps_per_epoch)
        steps = [sum(map(self._tokens, batches)) for batches in self._step_batches(epoch)]
        whole = (self.steps - self.done - (len(steps) - within)) // max(1, len(steps))
        return sum(steps[within:]) + whole * sum(steps) if self.done < self.steps else 0

    def _tokens(self, batch: Sequence[int]) -> int:
        return len(batch) * max(len(self._features[index]) for index in batch)

    def _backward(self, batch: Sequence[int], *, share: float) -> float:
        inputs = self._collate([self._features[index] for index in batch])
        whole = self._loss.weight(inputs["targets"], inputs["weights"])
        inputs = placed(share_of(inputs), self.model)
        targets, weights = inputs.pop("targets"), inputs.pop("weights")
        part = float(self._loss.weight(targets, weights) / whole)
        loss: torch.Tensor | None = None
        if part:
            loss = self._loss(self._forward(inputs), targets, weights)
        value = total(loss.item() * part if loss is not None else 0.0)
        self._check_finite(value, "loss")
        if loss is not None:
            torch.autograd.backward(loss * (share * part))
        return float(value)

    def _check_finite(self, value: float, what: str) -> None:
        if not math.isfinite(value):
            raise DivergedError(
                f"the training diverged: the {what} is {value} at step {self.done + 1}",
                f"lower the learning rate and start again, for example: {self._lower_rates()} "
                "--fresh",
            )

    def _lower_rates(self) -> str:
        """A quarter of the rate, or ``auto`` for one that no method can use."""
        lower = float(self.settings.learning_rate) / 4
        rates = f"train.learning_rate={'auto' if lower > _HIGHEST_RATE else f'{lower:.2g}'}"
        head = float(self.settings.head_learning_rate) / 4
        return f"{rates} train.head_learning_rate=auto" if head > _HIGHEST_RATE else rates

    def _forward(self, inputs: dict[str, torch.Tensor]) -> Any:
        """Run the model. In bf16 only products are; weights, loss and optimizer stay in fp32."""
        if self.settings.precision == "fp32":
            return self.model(**inputs)
        with torch.autocast(device_of(self.model).type, dtype=torch.bfloat16):
            output = self.model(**inputs)
        return type(output)(**{name: tensor.float() for name, tensor in output.items()})
