"""What scoring training rows costs: ``python -m benchmarks.epoch_scores [FOLDER]``.

Trains the demo's models on the samples for two epochs, and takes the processor time of the steps
and of the passes over training rows between them. The runs are left in FOLDER, where one is named.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch

from burnish.cli.demo_models import DEMO_MODELS
from burnish.data import sample_path
from burnish.recipe.recipe import load_recipe
from burnish.training import train
from burnish.training.loop import epoch_scores
from burnish.training.loop.loop import TrainingLoop
from burnish.training.pipeline import tuning

__all__: list[str] = []


def main(folder: str | None = None) -> int:
    """Print a line a sample."""
    with tempfile.TemporaryDirectory() as scratch:
        place = Path(folder or scratch)
        place.mkdir(parents=True, exist_ok=True)
        for model in DEMO_MODELS:
            recipe = place / f"{model.name}.yaml"
            model.write_recipe(recipe, data=sample_path(model.name), runs=place.absolute())
            print(_share_of(recipe), flush=True)
    return 0


def _share_of(recipe: Path) -> str:
    steps, scores = _Timed(TrainingLoop._step), _Timed(epoch_scores.train_score)
    with (
        patch.object(TrainingLoop, "_step", lambda *given: steps(*given)),
        patch.object(epoch_scores, "train_score", scores),
        patch.object(tuning, "train_score", scores),
    ):
        run = train(load_recipe(recipe, ["train.epochs=2"]))
    epochs, rows = run.record.training.epochs_run, run.record.data.parts["train"].rows
    epoch_s, score_s = steps.seconds / (epochs or 1), scores.seconds / scores.calls
    return (
        f"{recipe.stem} ({run.record.method}): an epoch of {rows} rows takes {epoch_s:.1f} s, the "
        f"score of {run.metrics['train']['rows']} of them {score_s:.2f} s, "
        f"{100 * score_s / epoch_s:.1f} % of it"
    )


class _Timed:
    """A function, and the seconds that were spent in it."""

    def __init__(self, call: Callable[..., Any]) -> None:
        self._call = call
        self.seconds = 0.0
        self.calls = 0

    def __call__(self, *given: Any) -> Any:
        begin = time.process_time()
        try:
            return self._call(*given)
        finally:
            self.seconds += time.process_time() - begin
            self.calls += 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
