"""Trees of labels: what lies under what, and what that makes of a model's numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

__all__ = ["PATH_MARK", "IndexArray", "LabelTree"]

PATH_MARK = " > "
"""Between the labels of a path, where it is one text."""

IndexArray: TypeAlias = npt.NDArray[np.intp]


class LabelTree:
    """Labels with their parents; there may be several roots.

    The labels' order is that of the arrays below: a label stands behind its parent, with all that
    lies under it, and siblings by name.

    Args:
        parents: each label's parent, None for a root. A parent without an entry is a root.

    Raises:
        ValueError: the parents form a cycle, which the message names.
    """

    def __init__(self, parents: Mapping[str, str | None]) -> None:
        known = {parent: None for parent in parents.values() if parent is not None} | dict(parents)
        children: dict[str | None, list[str]] = {}
        for label, parent in known.items():
            children.setdefault(parent, []).append(label)
        self.labels: tuple[str, ...] = _ordered(children)
        """(n,) from the roots down."""
        if len(self.labels) < len(known):
            cycle = _cycle(known, inside=set(known).difference(self.labels))
            raise ValueError(f"the labels form a cycle: {' -> '.join(cycle)}")
        self.index: Mapping[str, int] = {label: at for at, label in enumerate(self.labels)}
        """The place of each label."""
        places = [self.index[p] if (p := known[label]) is not None else -1 for label in self.labels]
        self.parent: IndexArray = np.array(places, dtype=np.intp)
        """(n,) the place of each label's parent; -1 for a root."""
        level = np.ones(len(places), dtype=np.intp)
        for at, parent_at in enumerate(places):
            if parent_at >= 0:
                level[at] = level[parent_at] + 1
        self.level: IndexArray = level
        """(n,) 1 for a root, 2 for its children."""
        self.leaf = np.ones(len(places), dtype=np.bool_)
        """(n,) whether nothing lies under it."""
        self.leaf[self.parent[self.parent >= 0]] = False

    @property
    def parents(self) -> dict[str, str | None]:
        """Each label's parent, in the order of the labels."""
        return {
            label: self.labels[parent] if parent >= 0 else None
            for label, parent in zip(self.labels, self.parent.tolist(), strict=True)
        }

    @cached_property
    def levels(self) -> tuple[IndexArray, ...]:
        """The places of each level's labels, the roots first."""
        deepest = int(self.level.max(initial=0))
        return tuple(np.flatnonzero(self.level == level) for level in range(1, deepest + 1))

    @cached_property
    def families(self) -> tuple[IndexArray, ...]:
        """The places of labels with one parent: the roots, then the children of each label."""
        order = np.argsort(self.parent, kind="stable")
        cuts = np.flatnonzero(np.diff(self.parent[order])) + 1
        return tuple(np.split(order, cuts))

    @cached_property
    def paths(self) -> tuple[tuple[str, ...], ...]:
        """(n,) from the root down to each label."""
        found: list[tuple[str, ...]] = []
        for label, parent in zip(self.labels, self.parent.tolist(), strict=True):
            found.append((*(found[parent] if parent >= 0 else ()), label))
        return tuple(found)

    def path(self, label: str) -> tuple[str, ...]:
        """From the root down to a label."""
        return self.paths[self.index[label]]

    def closed(self, labels: Iterable[str]) -> npt.NDArray[np.bool_]:
        """(n,) the labels and all that they lie under; those that it does not know are left out."""
        found = np.zeros(len(self.labels), dtype=np.bool_)
        for label in labels:
            at = self.index.get(label, -1)
            while at >= 0 and not found[at]:
                found[at] = True
                at = int(self.parent[at])
        return found

    def upwards(self, labels: Iterable[str]) -> set[str]:
        """The labels and all that they lie under; one that it does not know, alone."""
        return {
            each for name in labels for each in (self.path(name) if name in self.index else (name,))
        }

    def ends(self, closed: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
        """(…, n) of closed sets, the labels under which none of the set lies."""
        above = np.zeros_like(closed)
        for children in self.families[1:]:
            above[..., self.parent[children[0]]] = closed[..., children].any(-1)
        found: npt.NDArray[np.bool_] = closed & ~above
        return found

    def below(self, marked: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
        """(…, n) everything that lies under a marked label, without the marked ones' own."""
        found = np.zeros_like(marked)
        for places in self.levels[1:]:
            over = self.parent[places]
            found[..., places] = found[..., over] | marked[..., over]
        return found

    def top_down(self, given: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
        """(…, n) without the labels whose parent is not given."""
        found = given.copy()
        for places in self.levels[1:]:
            found[..., places] &= found[..., self.parent[places]]
        return found

    def distance(self, one: str, other: str) -> int:
        """Edges between two labels, by way of their lowest common ancestor.

        Trees with different roots meet one edge above them.
        """
        first, second = self.path(one), self.path(other)
        shared = sum(a == b for a, b in zip(first, second, strict=False))
        return len(first) + len(second) - 2 * shared

    def kept(self, labels: Iterable[str]) -> LabelTree:
        """The tree of these labels and what they lie under."""
        keep = self.closed(labels)
        return LabelTree(
            {
                label: up
                for (label, up), stays in zip(self.parents.items(), keep, strict=True)
                if stays
            }
        )


def _ordered(children: Mapping[str | None, list[str]]) -> tuple[str, ...]:
    """Depth first; what no root leads to is missing."""
    found: list[str] = []
    waiting = sorted(children.get(None, ()), reverse=True)
    while waiting:
        label = waiting.pop()
        found.append(label)
        waiting += sorted(children.get(label, ()), reverse=True)
    return tuple(found)


def _cycle(parents: Mapping[str, str | None], *, inside: set[str]) -> tuple[str, ...]:
    """A cycle among labels that no root leads to, from child to parent, its first label twice."""
    seen: list[str] = []
    at = min(inside)
    while at not in seen:
        seen.append(at)
        at = parents[at] or ""
    return (*seen[seen.index(at) :], at)
