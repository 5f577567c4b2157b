"""Watching a training: every epoch's score, the best weights, the log and the progress bar."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

from safetensors.torch import load_file
from tqdm import tqdm

from burnish.errors import RunError
from burnish.notify import Notify

from ..checkpointing.checkpoints import LOG
from ..checkpointing.snapshot import link_file, save_tensors
from ..checkpointing.state import Stateful, restore_parameters, trained_tensors
from .epoch_scores import EpochScores, ScoreEpoch
from .trackers import report

__all__ = ["Epoch", "History", "ProgressBar", "Watcher", "best_of", "slack_of"]

_BY_CHANCE = 2
"""Answers by which a score may be higher and say nothing: a later epoch was trained further, at a
lower rate. In 26 trainings on seven draws of 100 to 1,000 rows, the first of the best epochs had
0.755 of the test rows right, the last within two validation answers of the best 0.768, and the very
last 0.770."""
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Epoch:
    """The figures of an epoch; epoch 0 is the start."""

    epoch: int
    score: float
    """Score on validation."""
    train_score: float
    """Score on as many training rows."""
    loss: float | None
    """Mean training loss over the epoch's steps."""
    seconds: float


@dataclass(slots=True)
class History:
    """The epochs and steps of a training."""

    epochs: list[Epoch] = field(default_factory=list)
    steps: int = 0
    slack: float = 0.0
    """As :func:`slack_of` the validation rows."""

    @property
    def best(self) -> Epoch:
        """The epoch whose weights are kept."""
        return best_of(self.epochs, slack=self.slack)

    @property
    def best_tuned(self) -> float | None:
        """The best score of an epoch after the start; None where there is none."""
        return max((epoch.score for epoch in self.epochs[1:]), default=None)

    def stale_since(self, epoch: int) -> int:
        """Epochs since the best tuned one, without those up to ``epoch``.

        The start does not count: training often leaves a good one (the probe) before it beats it.
        """
        tuned = self.epochs[1:]
        return max(0, tuned[-1].epoch - max(self._best_of_tuned(tuned), epoch)) if tuned else 0

    def _best_of_tuned(self, tuned: Sequence[Epoch]) -> int:
        return best_of(tuned, slack=self.slack).epoch


def best_of(epochs: Sequence[Epoch], *, slack: float = 0.0) -> Epoch:
    """The last epoch whose score is the highest, or lower by no more than ``slack``."""
    least = max(epoch.score for epoch in epochs) - slack - _ROUNDING
    return max((e for e in epochs if e.score >= least), key=lambda epoch: epoch.epoch)


def slack_of(rows: int) -> float:
    """What two answers to so many validation rows make of a score."""
    return _BY_CHANCE / max(rows, 2 * _BY_CHANCE)


class Watcher:
    """Scores every epoch, keeps the best weights, and writes the log, until its block ends.

    Args:
        loop: the model, and the names of its trained parameters.
        score: scores the model on validation and on training rows.
        slack: by how much a validation score may be higher by chance (:func:`slack_of`).
        directory: for the best weights, and ``log.jsonl``, with a line per step and per epoch.
        say: called with every epoch's score.
    """

    def __init__(
        self, loop: Stateful, score: ScoreEpoch, *, slack: float, directory: Path, say: Notify
    ) -> None:
        self.history = History(slack=slack)
        self.best = directory / "best.safetensors"
        self._loop = loop
        self._score = score
        self._log = (directory / LOG).open("ab")
        self._say = say
        self._losses: list[float] = []
        self._begin = time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._log.close()

    def state(self) -> dict[str, Any]:
        """The state as JSON, after the log was synced."""
        self._log.flush()
        os.fsync(self._log.fileno())
        return {
            "epochs": [asdict(epoch) for epoch in self.history.epochs],
            "steps": self.history.steps,
            "losses": self._losses,
            "seconds": self._seconds(),
            "log": self._log.tell(),
        }

    def load_state(self, values: dict[str, Any], *, best: Path) -> None:
        """Resume from another watcher's state.

        Args:
            values: the state.
            best: the file of the best weights, which is linked.

        Raises:
            RunError: the log is shorter than the state says.
        """
        if self._log.tell() < values["log"]:
            raise RunError(f"{self._log.name} was cut short", "use --fresh to start again")
        self._log.truncate(values["log"])
        epochs = [Epoch(**epoch) for epoch in values["epochs"]]
        self.history = History(epochs, values["steps"], self.history.slack)
        self._losses = list(values["losses"])
        self._begin = time.monotonic() - values["seconds"]
        self.best.unlink(missing_ok=True)
        link_file(best, self.best)

    def begin(self, score: ScoreEpoch | None = None) -> None:
        """Score the start of a new training, by ``score`` where there is a cheaper way."""
        if self.history.epochs:
            return
        self._log.truncate(0)
        self._begin = time.monotonic()
        self.end_epoch(0, (score or self._score)(self._loop.model))

    def score(self) -> EpochScores:
        """Score the model as it is now."""
        return self._score(self._loop.model)

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

    def restore_best(self) -> None:
        """Restore the weights of the best epoch."""
        restore_parameters(self._loop.model, load_file(self.best))

    def end_epoch(self, epoch: int, scores: EpochScores) -> None:
        """Record an epoch's scores, and its weights where they are the best."""
        loss = sum(self._losses) / len(self._losses) if self._losses else None
        self._losses = []
        entry = Epoch(epoch, scores.validation, scores.train, loss, self._seconds())
        self.history.epochs.append(entry)
        if self.history.best.epoch == epoch:
            self._keep()
        self._write(
            epoch=epoch, validation=scores.validation, train=scores.train, seconds=self._seconds()
        )
        after = "" if loss is None else f", loss {loss:.4f}"
        reached = f"validation {scores.validation:.4f}, train {scores.train:.4f}"
        self._say(f"epoch {epoch}: {reached}{after}, {self._seconds():.0f} s")

    def _keep(self) -> None:
        """Write the trained tensors to a new file, which then replaces the last best one."""
        trained = trained_tensors(self._loop.model, self._loop.trained)
        fresh = self.best.with_suffix(".new")
        save_tensors(trained, fresh)
        fresh.replace(self.best)

    def _seconds(self) -> float:
        return round(time.monotonic() - self._begin, 3)

    def _write(self, **entry: Any) -> None:
        self._log.write(json.dumps(entry).encode() + b"\n")
        self._log.flush()
        report(entry)


class ProgressBar:
    """One bar on stderr, or none."""

    def __init__(self, steps: int, *, shown: bool) -> None:
        self._bar = tqdm(total=steps, unit="step", file=sys.stderr, leave=False, disable=not shown)

    def skip(self, steps: int) -> None:
        """Advance by the steps of an earlier process."""
        self._bar.update(steps)

    def saw(self, epoch: float, loss: float) -> None:
        """Advance by one step, and show epoch and loss."""
        self._bar.update(1)
        self._bar.set_postfix(epoch=f"{epoch:.1f}", loss=f"{loss:.3f}")

    def close(self) -> None:
        """Remove it."""
        self._bar.close()
