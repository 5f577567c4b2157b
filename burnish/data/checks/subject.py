"""The rows that are checked: train, validation and test together, each row with its place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from burnish.data.checks.finding import Place
from burnish.data.records import row_number
from burnish.data.rows import Rows
from burnish.data.split_record import PartName
from burnish.tasks.examples import Example
from burnish.tasks.tree import LabelTree

__all__ = ["Entry", "Subject", "count_labels", "place_of"]


@dataclass(frozen=True, slots=True)
class Entry:
    """A row, its part and its place."""

    part: PartName
    place: Place
    example: Example


@dataclass(frozen=True)
class Subject:
    """What is checked."""

    parts: Mapping[PartName, Rows]
    """At least ``train``."""
    tree: LabelTree | None = None
    """What the labels lie in, where it is known."""

    @property
    def train(self) -> Rows:
        """The rows that a model would learn from."""
        return self.parts["train"]

    @property
    def task(self) -> str:
        """What the rows are for."""
        return self.train.task

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """Every row, part by part, in the files' order."""
        return tuple(
            Entry(part, place_of(rows, example), example)
            for part, rows in self.parts.items()
            for example in rows.examples
        )

    @cached_property
    def labels(self) -> dict[str, int]:
        """Labels of the training rows and their counts, most first; entities count one by one."""
        return count_labels(self.train.examples)

    @cached_property
    def rows_of_labels(self) -> dict[str, int]:
        """As ``labels``; in a tree a row counts for everything above its labels too."""
        return count_labels(self.train.examples, self.tree)

    def of_part(self, part: PartName) -> Iterator[Entry]:
        """The rows of a part."""
        return (entry for entry in self.entries if entry.part == part)

    def texts(self) -> Iterator[tuple[Entry, str, str]]:
        """Row, field name and text; what many rows are about (a context) comes once."""
        seen: set[tuple[PartName, str]] = set()
        for entry in self.entries:
            for name, text in entry.example.text_fields:
                if (name, text) == entry.example.shared:
                    if (entry.part, text) in seen:
                        continue
                    seen.add((entry.part, text))
                yield entry, name, text


def count_labels(examples: Iterable[Example], tree: LabelTree | None = None) -> dict[str, int]:
    """Label (entity type; answerable or not) to count, most first.

    Args:
        examples: rows.
        tree: that the labels lie in: a row counts for everything above its labels too.
    """
    counts: Counter[str] = Counter()
    for example in examples:
        named = example.counted_labels
        counts.update(named if tree is None else tree.upwards(named))
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def place_of(rows: Rows, example: Example) -> Place:
    """Where a row stands."""
    paths = (f.path for f in rows.files if example.id.startswith(f"{f.path.name}:"))
    path = next(paths, Path(example.id.rpartition(":")[0]))
    position = example.id[len(path.name) + 1 :]
    line = row_number(example.place) or (int(position) if position.isdecimal() else None)
    return Place(file=str(path), line=line, id=example.id, detail=example.place)
