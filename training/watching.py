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

from .trackers import report

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

    @property
    def stale(self) -> int:
        """Epochs since the best tuned one.

        Of the tuned epochs alone: a good start (the probe) is often left before it is passed.
        """
        tuned = self.epochs[1:]
        return tuned[-1].epoch - best_of(tuned).epoch if tuned else 0


def best_of(epochs: Sequence[Epoch]) -> Epoch:
    """The first epoch of the highest score."""
    return max(epochs, key=lambda epoch: (epoch.score, -epoch.epoch))


class Watcher:
    """Scores every epoch, keeps the best weights, and writes the log.

    Args:
        model: what requires a gradient now is what is kept of it.
        score: the main metric on validation.
        best: the file that the best weights are kept in.
        log: gets a line of JSON a step and an epoch.
        say: told every epoch's score.
    """

    def __init__(
        self,
        model: nn.Module,
        score: Score,
        *,
        best: Path,
        log: TextIO,
        say: Callable[[str], None],
    ) -> None:
        self.history = History()
        self.best = best
        self._model = model
        # Named once: gradual unfreezing switches gradients off and on.
        self._trained = frozenset(n for n, p in model.named_parameters() if p.requires_grad)
        self._score = score
        self._log = log
        self._say = say
        self._losses: list[float] = []
        self._begin = time.monotonic()

    def begin(self, score: float | None = None) -> None:
        """Score the start, where its score is not known."""
        self._begin = time.monotonic()
        self._record(0, self._score(self._model) if score is None else score)

    def saw(self, number: int, epoch: float, *, loss: float, learning_rate: float) -> None:
        """Write a step's line."""
        self._losses.append(loss)
        self._write(
            step=number,
            epoch=round(epoch, 4),
            loss=loss,
            learning_rate=learning_rate,
            seconds=self._seconds(),
        )
        self.history.steps = number

    def end_epoch(self, epoch: int) -> None:
        """Score the epoch."""
        self._record(epoch, self._score(self._model))

    def _record(self, epoch: int, score: float) -> None:
        loss = sum(self._losses) / len(self._losses) if self._losses else None
        self._losses = []
        self.history.epochs.append(Epoch(epoch, score, loss, self._seconds()))
        if self.history.best.epoch == epoch:
            _keep(self._model, self._trained, self.best)
        self._write(epoch=epoch, validation=score, seconds=self._seconds())
        after = "" if loss is None else f", loss {loss:.4f}"
        self._say(f"epoch {epoch}: validation {score:.4f}{after}, {self._seconds():.0f} s")

    def _seconds(self) -> float:
        return round(time.monotonic() - self._begin, 3)

    def _write(self, **entry: Any) -> None:
        self._log.write(json.dumps(entry) + "\n")
        self._log.flush()
        report(entry)


class ProgressBar:
    """One bar on stderr, or none."""

    def __init__(self, steps: int, *, shown: bool) -> None:
        self._bar = tqdm(total=steps, unit="step", file=sys.stderr, leave=False, disable=not shown)

    def saw(self, epoch: float, loss: float) -> None:
        """Move it on a step, with epoch and loss beside it."""
        self._bar.update(1)
        self._bar.set_postfix(epoch=f"{epoch:.1f}", loss=f"{loss:.3f}")

    def close(self) -> None:
        """Remove it."""
        self._bar.close()


def _keep(model: nn.Module, names: frozenset[str], path: Path) -> None:
    """Write the trained tensors beside the last best ones, then take their place."""
    trained = {n: p.detach().contiguous() for n, p in model.named_parameters() if n in names}
    fresh = path.with_suffix(".new")
    save_file(trained, fresh)
    fresh.replace(path)


def restore_best(model: nn.Module, path: Path) -> None:
    """Bring back the weights that :class:`Watcher` kept in ``path``."""
    kept = load_file(path)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name in kept:
                parameter.copy_(kept[name])
