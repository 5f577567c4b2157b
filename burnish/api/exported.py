"""A bundle, and what can be done with it from Python."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, fields
from typing import Any

from typing_extensions import override

from burnish.api.predicting import predict
from burnish.api.using import evaluate, load
from burnish.bundle import Bundle
from burnish.data import Columns, Rows
from burnish.evidence.notebook import bundle_html
from burnish.runtime import Model
from burnish.tasks.evaluation import Evaluation

__all__ = ["ExportedBundle"]


@dataclass(frozen=True, slots=True, repr=False)
class ExportedBundle(Bundle):
    """A bundle, with what can be done with it; a notebook shows its scores, gates and path."""

    columns: Columns = field(default=Columns(), compare=False)
    """What the columns were called in the training, where that is known."""

    @classmethod
    def of(cls, bundle: Bundle, columns: Columns | None = None) -> ExportedBundle:
        """A bundle, and the names of the columns that its model was trained on."""
        given = {each.name: getattr(bundle, each.name) for each in fields(Bundle)}
        return cls(**given, columns=columns or Columns())

    def load(self, *, threads: int | None = None) -> Model:
        """Load the model, to answer as often as wanted: as `burnish.load`."""
        return load(self, threads=threads)

    def predict(
        self,
        data: Any,
        *,
        text: str | None = None,
        top_k: int = 1,
        threshold: float | None = None,
        threads: int | None = None,
    ) -> Any:
        """Answer texts or a table's rows; the model is loaded for this call alone.

        Args:
            data: as `burnish.predict` takes it.
            text: the column of the texts; None: as in the training, where that is known.
            top_k: how many labels or answers are shown per row.
            threshold: gives the labels (of several) or entities with at least this score.
            threads: how many rows are answered at once. None means one per processor.

        Raises:
            BurnishError: as `burnish.predict`.
        """
        return predict(self, data, text=text, top_k=top_k, threshold=threshold, threads=threads)

    def evaluate(
        self, data: str | os.PathLike[str] | Rows | Any, *, columns: Columns | None = None
    ) -> Evaluation:
        """Score the model on labelled rows, as `burnish.evaluate` does.

        Args:
            data: a rows file, a DataFrame, or a list of dictionaries.
            columns: what its columns are called; None: as in the training, where that is known.

        Raises:
            BurnishError: as `burnish.evaluate`.
        """
        return evaluate(self, data, columns=columns or self.columns)

    @override
    def __repr__(self) -> str:
        manifest = self.manifest
        return f"ExportedBundle({str(self.path)!r}: {manifest.task.task}, {manifest.precision})"

    def _repr_html_(self) -> str:
        return bundle_html(self)
