"""Options that say how a rows file is read; `check` and `evaluate` take them."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import fields, replace
from pathlib import Path

from burnish.data import Columns, Rows, read_rows
from burnish.data.label_forms import NO_LABEL
from burnish.data.offsets import parse_counting
from burnish.data.readers.head import guess_task
from burnish.errors import UsageError
from burnish.tasks.table import TASKS, find_task

__all__ = ["add_column_options", "given_columns", "given_task", "read_given_rows"]

_NAMES = (
    "text",
    "pair",
    "label",
    "labels",
    "score",
    "summary",
    "source",
    "target",
    "entities",
    "tokens",
    "tags",
    "context",
    "question",
    "answers",
)
_NO_OPTION = {"subgroups"}
"""Columns that only ``evaluate`` names, by an option of its own."""


def add_column_options(parser: argparse.ArgumentParser) -> None:
    """Declare one option per column, named as in the recipe's ``data`` section."""
    group = parser.add_argument_group("column names")
    for name in _NAMES:
        default = getattr(Columns(), name)
        group.add_argument(
            f"--{name}", metavar="NAME", default=default, help=f"({default or 'tags, ner_tags'})"
        )
    group.add_argument(
        "--label-columns",
        type=lambda text: tuple(text.split(",")),
        metavar="NAME,...",
        default=(),
        help="columns of 1 and 0, one per label",
    )
    group.add_argument(
        "--languages",
        type=_two_languages,
        metavar="SOURCE,TARGET",
        help="of a TMX file, or of parallel files: en,sw reads train.en beside train.sw",
    )
    group.add_argument(
        "--taxonomy",
        type=Path,
        metavar="FILE",
        help="the tree that the labels lie in: columns child and parent, or JSON",
    )
    group.add_argument(
        "--separator", metavar="TEXT", help="what separates several labels in one cell"
    )
    group.add_argument(
        "--no-label",
        type=lambda text: tuple(filter(None, text.split(","))),
        metavar="TEXT,...",
        default=NO_LABEL,
        help="values that mean no label (nan, None, #N/A and the like); '' for none",
    )
    group.add_argument(
        "--decimal",
        choices=(".", ","),
        default=".",
        help="decimal mark of scores that are written as text (.)",
    )
    group.add_argument(
        "--unlabelled",
        choices=("error", "leave_out"),
        default="error",
        help="rows without a label: an error, or left out and counted (error)",
    )
    group.add_argument(
        "--tag-names",
        type=lambda text: tuple(text.split(",")),
        metavar="TAG,...",
        help="names of integer tags, in order",
    )
    group.add_argument(
        "--label-names",
        type=lambda text: tuple(text.split(",")),
        metavar="NAME,...",
        help="names of integer labels, in order from 0",
    )
    for what in ("word", "tag"):
        group.add_argument(
            f"--{what}-column",
            metavar="NAME|N",
            help=f"one token per line: the column of the {what}s, by name or number from 1",
        )
    group.add_argument(
        "--offsets",
        metavar="UNIT",
        help="what offsets count: characters (code points), utf16, bytes, crlf-as-one, lf-as-two, "
        "from-one, inclusive, or several: utf16+inclusive",
    )
    group.add_argument(
        "--documents", metavar="NAME", help="the column that names a .txt file per row"
    )
    group.add_argument("--id", metavar="NAME", help="the column that names the rows")
    group.add_argument("--sheet", metavar="NAME", help="of a workbook, where several have rows")
    group.add_argument("--group", metavar="NAME", help="rows of one group stay in one part")
    group.add_argument(
        "--allow-paths", action="store_true", help="accept texts that are file names or URLs"
    )


def _two_languages(text: str) -> tuple[str, str]:
    source, comma, target = (part.strip() for part in text.partition(","))
    if not (source and comma and target) or "," in target or source.lower() == target.lower():
        raise argparse.ArgumentTypeError("name two languages, the source's first: en,sw")
    return source, target


def read_given_rows(
    path: Path, task: str, *, arguments: argparse.Namespace, subgroups: Sequence[str] = ()
) -> Rows:
    """Read the rows as the options say, with their values in the columns of ``subgroups``."""
    _check_tree(arguments, task)
    columns = replace(given_columns(arguments), subgroups=tuple(subgroups))
    return read_rows(path, task, columns=columns)


def given_task(arguments: argparse.Namespace, path: Path) -> str:
    """The task that ``--task`` names, or the file shows; that of trees where there is one.

    Raises:
        UsageError: there is a tree, and the task has none.
    """
    if arguments.task is None and arguments.taxonomy is not None:
        return next(name for name in TASKS if find_task(name).settings.has_tree)
    task: str = arguments.task or guess_task(path)
    _check_tree(arguments, task)
    return task


def _check_tree(arguments: argparse.Namespace, task: str) -> None:
    if arguments.taxonomy is not None and not find_task(task).settings.has_tree:
        raise UsageError(f"--taxonomy: the labels of {task} lie in no tree", "leave --taxonomy out")


def given_columns(arguments: argparse.Namespace) -> Columns:
    """The columns that the options name.

    Raises:
        UsageError: ``--offsets`` is unknown.
    """
    if arguments.offsets is not None:
        parse_counting(arguments.offsets)
    names = {each.name for each in fields(Columns)} - _NO_OPTION
    return Columns(**{name: getattr(arguments, name) for name in names})
