"""Checking files: read what can be read of them, check it, and keep what is wrong with the rest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from burnish.data.check import CheckReport, check_parts
from burnish.data.checks.faults import read_with_faults
from burnish.data.checks.finding import Finding
from burnish.data.columns import Columns
from burnish.data.rows import Rows
from burnish.data.split import split_rows
from burnish.data.split_record import PartName

__all__ = ["CheckedFiles", "check_files", "check_recipe_files"]


@dataclass(frozen=True, slots=True)
class CheckedFiles:
    """Rows by part, and the report on them."""

    parts: Mapping[PartName, Rows]
    report: CheckReport


def check_files(task: str, columns: Columns, *, files: Mapping[PartName, Path]) -> CheckedFiles:
    """Check a training file, and the validation and test files beside it.

    Raises:
        DataError: a file holds not one row that can be read.
    """
    parts: dict[PartName, Rows] = {}
    faults: list[Finding] = []
    for name, path in files.items():
        # Rows that are trained on and nothing else need no subgroups.
        judged = columns if name != "train" or len(files) == 1 else replace(columns, subgroups=())
        parts[name], found = read_with_faults(path, task, columns=judged)
        faults += found
    return CheckedFiles(parts, check_parts(parts, faults=faults))


def check_recipe_files(
    task: str,
    columns: Columns,
    *,
    train: Path,
    validation: Path | float | None,
    test: Path | float | None,
    seed: int,
) -> CheckedFiles:
    """Check the data of a recipe, shares cut as training would.

    Raises:
        DataError: a file holds not one row that can be read, or cannot be divided so.
    """
    given: dict[PartName, Path | float | None] = {"validation": validation, "test": test}
    files = {name: part for name, part in given.items() if isinstance(part, Path)}
    shares = {name: part for name, part in given.items() if isinstance(part, float)}
    if not shares:
        return check_files(task, columns, files={"train": train, **files})
    rows, faults = read_with_faults(train, task, columns=columns)
    parts = _divided(rows, shares, seed=seed)
    for name, path in files.items():
        parts[name], found = read_with_faults(path, task, columns=columns)
        faults += found
    return CheckedFiles(parts, check_parts(parts, faults=faults))


def _divided(rows: Rows, shares: Mapping[PartName, float], *, seed: int) -> dict[PartName, Rows]:
    """The parts that are shares; where one alone is, it is cut as the validation share."""
    names = list(shares)
    first, second = shares[names[0]], shares[names[1]] if len(names) > 1 else None
    split = split_rows(rows, validation=first, test=second, seed=seed)
    cut = [split.validation, *([split.test] if split.test is not None else [])]
    return {
        "train": replace(rows, examples=split.train),
        **{name: replace(rows, examples=part) for name, part in zip(names, cut, strict=True)},
    }
