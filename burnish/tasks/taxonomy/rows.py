"""Rows of a taxonomy: a text with the deepest labels that are known of it."""

from __future__ import annotations

import difflib
from pathlib import Path

from typing_extensions import override

from burnish.data.columns import Columns
from burnish.data.records import Record, Skip
from burnish.data.tree_files import read_tree
from burnish.tasks.classification.example import ClassificationExample
from burnish.tasks.classification.rows import ROWS as CLASSIFIED
from burnish.tasks.classification.rows import ClassificationBuilder
from burnish.tasks.rows import TaskRows

__all__ = ["ROWS", "TaxonomyBuilder"]


class TaxonomyBuilder(ClassificationBuilder):
    """As for classification; where the taxonomy is known, every label must be in it."""

    def __init__(self, columns: Columns) -> None:
        super().__init__(columns)
        self._file = columns.taxonomy
        self._known = frozenset[str]()
        if columns.taxonomy is not None:
            self._known = frozenset(read_tree(Path(columns.taxonomy)).labels)

    @override
    def build(self, record: Record) -> ClassificationExample | Skip:
        built = super().build(record)
        if isinstance(built, ClassificationExample) and self._file is not None:
            unknown = sorted(set(built.labels) - self._known)
            if unknown:
                near = difflib.get_close_matches(unknown[0], self._known, n=1)
                hint = f"did you mean {near[0]!r}? " if near else ""
                raise record.error(
                    f"the label {unknown[0]!r} is not in the taxonomy {Path(self._file).name}",
                    f"{hint}correct the label, or add a line with it and its parent (without one: "
                    "a root, as for rows out of scope)",
                )
        return built


ROWS = TaskRows(
    shape=CLASSIFIED.shape,
    texts=CLASSIFIED.texts,
    builder=TaxonomyBuilder,
    fix=CLASSIFIED.fix,
    settings=lambda columns: (
        {} if columns.taxonomy is None else {"parents": read_tree(Path(columns.taxonomy)).parents}
    ),
)
