"""Data: rows files become examples, split and checked.

::

    rows = read_rows("tickets.csv", "classification")
    split = split_rows(rows, validation=0.15, test=0.15, seed=13)
    print(render_report(check_rows(rows)))
"""

from __future__ import annotations

from burnish.data.check import CheckReport, check_parts, check_rows, render_report
from burnish.data.checks.finding import Finding, Place
from burnish.data.columns import Columns
from burnish.data.data_set import DataSet, read_data_set, read_data_sets
from burnish.data.reading import read_rows
from burnish.data.rows import Rows, SourceFile
from burnish.data.sample_files import SAMPLES, sample_path
from burnish.data.scope import take_out_of_scope, tree_in_scope
from burnish.data.split import Split, restore_split, split_rows
from burnish.data.split_record import SplitRecord
from burnish.tasks.classification.example import ClassificationExample
from burnish.tasks.examples import Example
from burnish.tasks.extraction.example import ExtractionExample, Span
from burnish.tasks.qa.example import GoldAnswer, QAExample

__all__ = [
    "SAMPLES",
    "CheckReport",
    "ClassificationExample",
    "Columns",
    "DataSet",
    "Example",
    "ExtractionExample",
    "Finding",
    "GoldAnswer",
    "Place",
    "QAExample",
    "Rows",
    "SourceFile",
    "Span",
    "Split",
    "SplitRecord",
    "check_parts",
    "check_rows",
    "read_data_set",
    "read_data_sets",
    "read_rows",
    "render_report",
    "restore_split",
    "sample_path",
    "split_rows",
    "take_out_of_scope",
    "tree_in_scope",
]
