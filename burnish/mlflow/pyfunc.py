"""The loader that MLflow calls for a model of `save_model`: the bundle's own runtime answers."""

from __future__ import annotations

from typing import Any

from burnish.batch.answering import answers
from burnish.batch.table import answer_table
from burnish.data.columns import Columns
from burnish.data.frames import is_frame
from burnish.runtime import Model, load_model
from burnish.tasks.table import find_task

__all__ = ["BundleModel"]


class BundleModel:
    """What `mlflow.pyfunc.load_model` wraps."""

    def __init__(self, model: Model) -> None:
        self._model = model

    def predict(self, model_input: Any, params: dict[str, Any] | None = None) -> Any:
        """Answer rows.

        Args:
            model_input: a DataFrame with the columns of the task's inputs, or a list of texts.
            params: ``top_k``: how many labels or answers are shown per row.

        Returns:
            The answers' columns, ``error`` last, with the rows and the index of the input.

        Raises:
            DataError: a column is missing.
        """
        framed = is_frame(model_input)
        table: Any = model_input if framed else self._rows(model_input)
        top_k = int((params or {}).get("top_k", 1))
        task = self._model.bundle.manifest.task
        answered = answer_table(
            table, task, lambda asked: answers(self._model, asked), columns=Columns(), top_k=top_k
        )
        if not framed:
            return [{name: row[name] for name in row if name not in table[0]} for row in answered]
        return answered[[name for name in answered.columns if name not in set(table.columns)]]

    def _rows(self, given: Any) -> list[dict[str, Any]]:
        """Rows of texts, or rows as they are."""
        first, *_ = find_task(self._model.task).inputs.fields
        return [each if isinstance(each, dict) else {first: each} for each in given]


def _load_pyfunc(path: str) -> BundleModel:
    """Verify and load the bundle; MLflow calls this by its name."""
    return BundleModel(load_model(path))
