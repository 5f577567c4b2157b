"""Checking files: read what can be read of them, check it, and keep what is wrong with the rest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from burnish.data.check import CheckReport, check_parts
from burnish.data.checks.faults import read_with_faults
from burnish.data.checks.finding import Finding
from burnish.data.checks.paths import find_paths
from burnish.data.checks.subject import count_labels
from burnish.data.columns import Columns
from burnish.data.rows import Rows
from burnish.data.scope import take_out_of_scope, tree_in_scope
from burnish.data.split import split_rows
from burnish.data.split_record import PartName

__all__ = ["CheckedFiles", "check_files", "check_recipe_files"]

_NO_VALIDATION = Finding(
    kind="no-validation",
    severity="error",
    message="the recipe names no validation rows, and training needs some",
    fix="set data.validation to a share of the training rows (0.15) or to a file of rows",
)
_UNEVEN = "give a file of rows instead of the share, or a column with smaller groups"


@dataclass(frozen=True, slots=True)
class CheckedFiles:
    """Rows by part, and the report on them."""

    parts: Mapping[PartName, Rows]
    report: CheckReport
    out_of_scope: int = 0
    """Rows that are in no part, as they belong under no label."""

    def labels_beside(self, path: Path) -> frozenset[str]:
        """The labels of the other files."""
        others = [
            part for part in self.parts.values() if all(file.path != path for file in part.files)
        ]
        return frozenset(name for part in others for name in count_labels(part.examples))


def check_files(task: str, columns: Columns, *, files: Mapping[PartName, Path]) -> CheckedFiles:
    """Check a training file, and the validation and test files beside it.

    Raises:
        DataError: a file as a whole cannot be read.
    """
    # Rows that are trained on and nothing else need no subgroups.
    judged = columns if len(files) == 1 else replace(columns, subgroups=())
    parts, faults = _read(task, columns, files=files, train_columns=judged)
    tree = tree_in_scope(columns.taxonomy, None)
    return CheckedFiles(parts, check_parts(parts, faults=faults, tree=tree))


def check_recipe_files(
    task: str,
    columns: Columns,
    *,
    train: Path,
    validation: Path | float | None,
    test: Path | float | None,
    seed: int,
    out_of_scope: str | None = None,
) -> CheckedFiles:
    """Check the data of a recipe, shares cut as training would.

    Args:
        task: what the rows are for.
        columns: names of the columns.
        train: the training file.
        validation: a file, or a share of ``train``.
        test: the same.
        seed: of the shares.
        out_of_scope: the label of rows that are measured and not learned; they are left out.

    Raises:
        DataError: a file as a whole cannot be read, or cannot be divided so; or no row is out of
            scope.
    """
    given: dict[PartName, Path | float | None] = {"validation": validation, "test": test}
    files = {name: part for name, part in given.items() if isinstance(part, Path)}
    shares = {name: part for name, part in given.items() if isinstance(part, float)}
    judged = columns if shares or not files else replace(columns, subgroups=())
    read, faults = _read(task, columns, files={"train": train, **files}, train_columns=judged)
    readable = {name: part for name, part in read.items() if len(part)}
    inside, outside = take_out_of_scope(readable, out_of_scope if readable else None)
    rows = {**read, **inside}
    if validation is None:
        faults.append(_NO_VALIDATION)
    parts = {**rows}
    if shares and len(rows["train"]):
        cut = _divided(rows["train"], shares, seed=seed)
        parts = {**cut.parts, **{name: rows[name] for name in files}}
        faults += cut.findings
    tree = tree_in_scope(columns.taxonomy, out_of_scope)
    report = check_parts(parts, faults=faults, tree=tree)
    return CheckedFiles(parts, report, out_of_scope=len(outside))


def _read(
    task: str, columns: Columns, *, files: Mapping[PartName, Path], train_columns: Columns
) -> tuple[dict[PartName, Rows], list[Finding]]:
    parts: dict[PartName, Rows] = {}
    faults: list[Finding] = []
    for name, path in files.items():
        own = train_columns if name == "train" else columns
        # Reading refuses addresses as texts; here they are one finding among others.
        with_paths = replace(own, allow_paths=True)
        parts[name], found = read_with_faults(path, task, columns=with_paths)
        faults += [*found, *(() if own.allow_paths else find_paths(parts[name]))]
    return parts, faults


@dataclass(frozen=True, slots=True)
class _Divided:
    parts: Mapping[PartName, Rows]
    findings: tuple[Finding, ...]


def _divided(rows: Rows, shares: Mapping[PartName, float], *, seed: int) -> _Divided:
    """The parts that are shares; where one alone is, it is cut as the validation share."""
    names = list(shares)
    first_name = names[0]
    first, second = shares[names[0]], shares[names[1]] if len(names) > 1 else None
    split = split_rows(rows, validation=first, test=second, seed=seed)
    cut = [split.validation, *([split.test] if split.test is not None else [])]
    return _Divided(
        {
            "train": replace(rows, examples=split.train),
            **{name: replace(rows, examples=part) for name, part in zip(names, cut, strict=True)},
        },
        tuple(
            Finding(
                kind="uneven-share",
                severity="warning",
                message=each.replace("validation", first_name, 1),
                fix=_UNEVEN,
            )
            for each in split.uneven
        ),
    )
