"""Options that say how a rows file is read; `check` and `evaluate` take them."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from burnish.data import Columns, Rows, read_rows
from burnish.data.label_forms import NO_LABEL
from burnish.data.source import read_lines

__all__ = ["add_column_options", "given_columns", "guess_task", "read_given_rows"]

_NAMES = (
    "text",
    "label",
    "labels",
    "entities",
    "tokens",
    "tags",
    "context",
    "question",
    "answers",
)
_OTHERS = ("label_columns", "separator", "no_label", "group", "tag_names", "allow_paths")
_CONLL = (".conll", ".conll03", ".bio", ".iob", ".iob2", ".bioes", ".bilou")


def add_column_options(parser: argparse.ArgumentParser) -> None:
    """One option a column, as the recipe's ``data`` section has them."""
    group = parser.add_argument_group("columns, where they are called otherwise")
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
        help="a column per label that says 1 or 0",
    )
    group.add_argument("--separator", metavar="TEXT", help="what splits several labels in one cell")
    group.add_argument(
        "--no-label",
        type=lambda text: tuple(filter(None, text.split(","))),
        metavar="TEXT,...",
        default=NO_LABEL,
        help="what stands where a label is missing (nan, None, #N/A and the like); '' for nothing",
    )
    group.add_argument(
        "--tag-names",
        type=lambda text: tuple(text.split(",")),
        metavar="TAG,...",
        help="what integer tags stand for, in order",
    )
    group.add_argument("--group", metavar="NAME", help="rows of one group stay on one side")
    group.add_argument(
        "--allow-paths", action="store_true", help="texts that are file names or URLs are meant"
    )


def read_given_rows(
    path: Path, task: str, *, arguments: argparse.Namespace, subgroups: Sequence[str] = ()
) -> Rows:
    """Read the rows as the options say, with their values in the columns of ``subgroups``."""
    columns = replace(given_columns(arguments), subgroups=tuple(subgroups))
    return read_rows(path, task, columns=columns)


def given_columns(arguments: argparse.Namespace) -> Columns:
    """The columns that the options name."""
    return Columns(**{name: getattr(arguments, name) for name in (*_NAMES, *_OTHERS)})


def guess_task(path: Path) -> str:
    """The task that a file's first row is for; classification where nothing speaks against it."""
    if path.suffix.lower() in _CONLL:
        return "extraction"
    keys = _first_keys(path)
    if {"question", "context", "paragraphs", "data"} & keys:
        return "qa"
    return "extraction" if {"entities", "tokens"} & keys else "classification"


def _first_keys(path: Path) -> set[str]:
    if not path.is_file():
        return set()
    for _, line in read_lines(path):
        if line.strip():
            return _keys(line)
    return set()


def _keys(line: str) -> set[str]:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        # SQuAD's one object may begin with {"version": … or stand over many lines.
        return {key for key in ("data", "paragraphs") if f'"{key}"' in line}
    return set(row) if isinstance(row, dict) else set()
