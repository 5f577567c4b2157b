"""Rows out of scope: texts of no label, kept to see what a classifier makes of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from burnish.data.rows import Rows
from burnish.data.tree_files import read_tree
from burnish.errors import DataError
from burnish.tasks.examples import Example
from burnish.tasks.tree import LabelTree

__all__ = ["take_out_of_scope", "tree_in_scope"]

NameT = TypeVar("NameT", bound=str)


def take_out_of_scope(
    rows: Mapping[NameT, Rows], label: str | None
) -> tuple[dict[NameT, Rows], tuple[Example, ...]]:
    """Take the rows of one label out of every file.

    Args:
        rows: by the setting that names the file.
        label: of the rows out of scope; None where there are none.

    Returns:
        The rows without them, and them.

    Raises:
        DataError: no row has the label alone, or a file has no other row.
    """
    if label is None:
        return dict(rows), ()
    taken: list[Example] = []
    kept = {}
    for name, each in rows.items():
        inside = tuple(example for example in each.examples if not example.is_only(label))
        taken += [example for example in each.examples if example.is_only(label)]
        if not inside:
            raise DataError(f"{each.name}: every row is out of scope", "add rows of other labels")
        kept[name] = replace(each, examples=inside)
    if not taken:
        raise DataError(
            f"no row has the label {label!r}, which data.out_of_scope names",
            "write it as in the rows, or remove data.out_of_scope",
        )
    return kept, tuple(taken)


def tree_in_scope(path: Path | None, label: str | None) -> LabelTree | None:
    """Read the tree that labels lie in, without the label of the rows out of scope.

    Args:
        path: of the tree's file; None where labels lie in no tree.
        label: of the rows out of scope; None where there are none.

    Raises:
        DataError: as `read_tree`.
    """
    if path is None:
        return None
    tree = read_tree(path)
    return LabelTree({name: up for name, up in tree.parents.items() if name != label})
