"""Watching a training: the score of every epoch, the best weights, the log and the bar."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

import torch
from safetensors.torch import load_file, save_file
from torch import nn
from tqdm import tqdm
from transformers import TrainerCallback

__all__ = ["Epoch", "History", "ProgressBar", "Score", "Watcher", "best_of", "restore_best"]

Score = Callable[[nn.Module], float]
"""The main metric of a model on validation."""


@dataclass(frozen=True, slots=True)
class Epoch:
    """An epoch's end; epoch 0 is the start."""

    epoch: int
    score: float
    loss: float | None
    """Mean training loss over the epoch's steps."""
    seconds: float


@dataclass(slots=True)
class History:
    """What the loop did."""

    epochs: list[Epoch] = field(default_factory=list)
    steps: int = 0

    @property
    def best(self) -> Epoch:
        """The epoch whose weights were kept: the first of the best."""
        return best_of(self.epochs)


def best_of(epochs: Sequence[Epoch]) -> Epoch:
    """The first epoch of the highest score."""
    return max(epochs, key=lambda epoch: (epoch.score, -epoch.epoch))


class Watcher(TrainerCallback):
    """Scores every epoch, keeps the best weights, writes the log, and ends a run in time."""

    def __init__(
        self,
        model: nn.Module,
        score: Score,
        *,
        patience: int,
        best: Path,
        log: TextIO,
        say: Callable[[str], None],
        start_score: float | None,
    ) -> None:
        self.history = History()
        self.best = best
        self._model = model
        self._score = score
        self._patience = patience
        self._log = log
        self._say = say
        self._start_score = start_score
        self._losses: list[float] = []
        self._begin = time.monotonic()

    def on_train_begin(self, *_: Any, **__: Any) -> None:
        """Score the start, where its score is not known."""
        self._begin = time.monotonic()
        known = self._start_score
        self._record(0, self._score(self._model) if known is None else known)

    def on_log(self, args: Any, state: Any, control: Any, **named: Any) -> None:
        """Write a step's line."""
        del args, control
        logs: dict[str, float] = named["logs"]
        if "loss" not in logs:  # the summary at the end
            return
        self._losses.append(logs["loss"])
        self._write(
            step=state.global_step,
            epoch=round(state.epoch or 0.0, 4),
            loss=logs["loss"],
            learning_rate=logs["learning_rate"],
            seconds=self._seconds(),
        )

    def on_epoch_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Score the epoch, and stop when patience has ended."""
        del args
        self.history.steps = state.global_step
        self._record(round(state.epoch or 0.0), self._score(self._model))
        # Of the tuned epochs alone: a good start (the probe) is often left before it is passed.
        tuned = self.history.epochs[1:]
        if tuned[-1].epoch - best_of(tuned).epoch >= self._patience:
            control.should_training_stop = True

    def _record(self, epoch: int, score: float) -> None:
        loss = sum(self._losses) / len(self._losses) if self._losses else None
        self._losses = []
        self.history.epochs.append(Epoch(epoch, score, loss, self._seconds()))
        if self.history.best.epoch == epoch:
            _keep(self._model, self.best)
        self._write(epoch=epoch, validation=score, seconds=self._seconds())
        after = "" if loss is None else f", loss {loss:.4f}"
        self._say(f"epoch {epoch}: validation {score:.4f}{after}, {self._seconds():.0f} s")

    def _seconds(self) -> float:
        return round(time.monotonic() - self._begin, 3)

    def _write(self, **entry: Any) -> None:
        self._log.write(json.dumps(entry) + "\n")
        self._log.flush()


class ProgressBar(TrainerCallback):
    """One bar on stderr."""

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Show it."""
        del args, control
        self._bar = tqdm(total=state.max_steps, unit="step", file=sys.stderr, leave=False)

    def on_step_end(self, *_: Any, **__: Any) -> None:
        """Move it on."""
        self._bar.update(1)

    def on_log(self, args: Any, state: Any, control: Any, **named: Any) -> None:
        """Write epoch and loss beside it."""
        del args, control
        logs: dict[str, float] = named["logs"]
        if "loss" in logs:
            self._bar.set_postfix(epoch=f"{state.epoch:.1f}", loss=f"{logs['loss']:.3f}")

    def on_train_end(self, *_: Any, **__: Any) -> None:
        """Remove it."""
        self._bar.close()


def _keep(model: nn.Module, path: Path) -> None:
    """Write the trained tensors beside the last best ones, then take their place."""
    trained = {n: p.detach().contiguous() for n, p in model.named_parameters() if p.requires_grad}
    fresh = path.with_suffix(".new")
    save_file(trained, fresh)
    fresh.replace(path)


def restore_best(model: nn.Module, path: Path) -> None:
    """Bring back the weights that :class:`Watcher` kept in ``path``."""
    kept = load_file(path)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if parameter.requires_grad:
                parameter.copy_(kept[name])
