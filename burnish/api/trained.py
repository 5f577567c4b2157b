"""A run, and what can be done with it from Python."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from typing_extensions import override

from burnish.api.exporting import export
from burnish.api.predicting import predict
from burnish.api.using import evaluate
from burnish.data import Columns, DataSet, Rows
from burnish.evidence.notebook import run_html
from burnish.run import Run
from burnish.tasks.evaluation import Evaluation

if TYPE_CHECKING:
    from burnish.api.exported import ExportedBundle

__all__ = ["TrainedRun"]


@dataclass(frozen=True, slots=True, repr=False)
class TrainedRun(Run):
    """A run, with what can be done with it; a notebook shows its scores, gates and paths."""

    rows: Mapping[str, DataSet] | None = field(default=None, compare=False)
    """The rows by part, where they came from memory: the export verifies with them."""

    @classmethod
    def of(cls, run: Run, rows: Mapping[str, DataSet] | None = None) -> TrainedRun:
        """A run, and the rows in memory that it was trained on."""
        return cls(**{each.name: getattr(run, each.name) for each in fields(Run)}, rows=rows)

    @property
    def scores(self) -> dict[str, Evaluation]:
        """The scores with their intervals: of ``validation``, and of ``test`` if there is one."""
        parts = (part for part in ("validation", "test") if part in self.metrics)
        return {part: Evaluation.from_json(self.metrics[part]) for part in parts}

    def export(
        self, output: str | os.PathLike[str] | None = None, **options: Any
    ) -> ExportedBundle:
        """Turn the run into a bundle, as `burnish.export` does.

        Args:
            output: the bundle directory to write; None takes ``bundles/`` and the run's name.
            options: as `burnish.export` has them: ``precision``, ``replace``, ``notify`` ….

        Raises:
            BurnishError: as `burnish.export`.
        """
        if self.rows is not None:
            options = {"data": self.rows} | options
        place = Path("bundles") / self.path.name if output is None else output
        return export(self, place, **options)

    def predict(
        self, data: Any, *, text: str | None = None, top_k: int = 1, threshold: float | None = None
    ) -> Any:
        """Answer texts or a table's rows with the model that was trained; needs torch.

        The columns of the texts are called as in the training, if nothing else is said.

        Args:
            data: as `burnish.predict` takes it.
            text: the column of the texts.
            top_k: how many labels or answers are shown per row.
            threshold: gives the labels (of several) or entities with at least this score.

        Raises:
            BurnishError: as `burnish.predict`.
        """
        return predict(self, data, text=text, top_k=top_k, threshold=threshold)

    def evaluate(
        self, data: str | os.PathLike[str] | Rows | Any, *, columns: Columns | None = None
    ) -> Evaluation:
        """Score the model on labelled rows, as `burnish.evaluate` does.

        Args:
            data: a rows file, a DataFrame, or a list of dictionaries.
            columns: what its columns are called; None: as in the training.

        Raises:
            BurnishError: as `burnish.evaluate`.
        """
        return evaluate(self, data, columns=columns or self.recipe.data.columns_to_score())

    @override
    def __repr__(self) -> str:
        metric = self.record.task.main_metric
        scores = {part: each.metrics[metric].value for part, each in self.scores.items()}
        told = [f"{part} {metric} {score:.3f}" for part, score in scores.items()]
        return f"TrainedRun({str(self.path)!r}: {self.record.task.task}, {', '.join(told)})"

    def _repr_html_(self) -> str:
        return run_html(self)
