"""Tree files: a taxonomy as a table of children and parents, or as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from burnish.data.fields import type_name
from burnish.data.readers.csv import read_table
from burnish.errors import DataError
from burnish.tasks.tree import LabelTree

__all__ = ["read_tree"]

_LARGEST = 64 * 1024 * 1024
"""Bytes of a file; the largest taxonomies in use have some 100,000 labels."""
_DEEPEST = 64
"""Levels: the parents of more would be a mistake."""
_FORMS = (
    'write {"child": "parent", "root": null}, or labels in labels: {"root": {"child": {}}}, or a '
    "CSV file with the columns child and parent"
)

Pair = tuple[str, str | None, str]
"""A label, its parent, and its place in the file."""


def read_tree(path: Path) -> LabelTree:
    """Read a taxonomy.

    A CSV or TSV file has the columns ``child`` and ``parent``; a root has no parent. A JSON file
    names each label's parent, or holds labels in labels. A parent without a line of its own is a
    root.

    Raises:
        DataError: the file cannot be read, holds no label, gives a label two parents, or forms a
            cycle; names the line or the labels.
    """
    try:
        size = path.stat().st_size
        if path.is_dir():
            raise IsADirectoryError(21, "is a directory")
    except OSError as error:
        raise DataError(
            f"cannot read the taxonomy {path}: {error.strerror}", "check data.taxonomy"
        ) from error
    if size > _LARGEST:
        raise DataError(
            f"the taxonomy {path} has {size:,} bytes; at most {_LARGEST:,} are read", _FORMS
        )
    pairs = _json_pairs(path) if path.suffix.lower() == ".json" else _table_pairs(path)
    parents: dict[str, str | None] = {}
    places: dict[str, str] = {}
    for label, parent, place in pairs:
        if label in parents and parents[label] != parent:
            one, other = (name or "none" for name in (parents[label], parent))
            raise DataError(
                f"{path}: {label!r} has two parents, {one} ({places[label]}) and {other} ({place})",
                "in a tree each label has one: remove a line, or write two labels with two names",
            )
        parents[label], places[label] = parent, place
    if not parents:
        raise DataError(f"the taxonomy {path} holds no label", _FORMS)
    try:
        tree = LabelTree(parents)
    except ValueError as error:
        raise DataError(
            f"{path}: {error}", "each label lies under one that is nearer to a root"
        ) from error
    if len(tree.levels) > _DEEPEST:
        raise DataError(
            f"{path}: the tree has {len(tree.levels)} levels; at most {_DEEPEST} are read",
            "check the parents: most taxonomies have two to six levels",
        )
    return tree


def _table_pairs(path: Path) -> Iterator[Pair]:
    table = read_table(path, wanted=("child", "parent"))
    for name in ("child", "parent"):
        table.require(name, recipe_key="taxonomy", hint=_FORMS)
    child, parent = table.names.index("child"), table.names.index("parent")
    for line, cells in table.rows:
        if isinstance(cells, DataError):
            raise cells
        label, up = (cells[at].strip() if at < len(cells) else "" for at in (child, parent))
        if not label and not up:
            continue
        if not label:
            raise DataError(
                "a line names no child", "write one, or remove the line", file=path, line=line
            )
        yield label, up or None, f"line {line}"


def _json_pairs(path: Path) -> Iterator[Pair]:
    try:
        document = json.loads(path.read_text(encoding="utf-8-sig"), object_pairs_hook=_Pairs)
    except (UnicodeDecodeError, ValueError) as error:
        raise DataError(f"the taxonomy {path} is not JSON: {error}", _FORMS) from error
    except RecursionError as error:
        raise DataError(f"the taxonomy {path} is nested too deeply", _FORMS) from error
    if isinstance(document, _Pairs) and all(
        up is None or isinstance(up, str) for _, up in document
    ):
        for label, up in document:
            parent = _named(path, up) if isinstance(up, str) else None
            yield _named(path, label), parent, f"key {label!r}"
        return
    waiting: list[tuple[object, str | None]] = [(document, None)]
    while waiting:
        node, above = waiting.pop()
        for label, inside in _children(path, node, above):
            where = f"under {above!r}" if above is not None else "a root"
            yield _named(path, label), above, where
            if inside:
                waiting.append((inside, label.strip()))


def _children(path: Path, node: object, above: str | None) -> list[tuple[str, object]]:
    """The labels of an object or a list, each with what it holds."""
    if isinstance(node, _Pairs):
        return list(node)
    if isinstance(node, list):
        found: list[tuple[str, object]] = []
        for each in node:
            found += [(each, None)] if isinstance(each, str) else _children(path, each, above)
        return found
    where = f"under {above!r}" if above is not None else "at the top"
    raise DataError(f"{path}: {where} stands {type_name(node)}, and not labels", _FORMS)


def _named(path: Path, label: str) -> str:
    name = label.strip()
    if not name:
        raise DataError(f"{path}: a label is empty", _FORMS)
    return name


class _Pairs(list[tuple[str, object]]):
    """An object of JSON, with the keys that it names twice."""
