"""Taxonomies: everything that the core needs to know about the task."""

from __future__ import annotations

from dataclasses import replace

from burnish.data.checks.labelled import LABELLED, tune_the_head
from burnish.tasks.checks import LabelChecks
from burnish.tasks.inputs import TEXT
from burnish.tasks.kind import TaskKind
from burnish.tasks.neutral import TEXTS
from burnish.tasks.taxonomy.cells import BranchCells
from burnish.tasks.taxonomy.errors import BranchErrors
from burnish.tasks.taxonomy.rows import ROWS
from burnish.tasks.taxonomy.self_test import RECORDER
from burnish.tasks.taxonomy.settings import TaxonomyTask
from burnish.tasks.taxonomy.words import WORDS

__all__ = ["KIND"]

KIND = TaskKind(
    settings=TaxonomyTask,
    rows=ROWS,
    checks=replace(
        LABELLED,
        labels=LabelChecks(one="a label", fewest=8, of_texts=True),
        few_rows=tune_the_head,
    ),
    errors=BranchErrors(),
    inputs=TEXT,
    neutral=TEXTS,
    recorder=RECORDER,
    words=WORDS,
    cells=BranchCells(),
    section="taxonomy",
)
