"""Splitting: train, validation and test rows, from files or from shares of one file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from burnish.data.content import content_digest, content_key
from burnish.data.cut import Examples, cut_rows
from burnish.data.groups import group_keys
from burnish.data.rows import Rows
from burnish.data.shares import require_validation
from burnish.data.split_record import FileRecord, PartName, PartRecord, SplitRecord
from burnish.errors import DataError
from burnish.plural import plural
from burnish.tasks.examples import Example
from burnish.tasks.table import find_task
from burnish.tasks.tree import LabelTree

__all__ = [
    "Leak",
    "Split",
    "find_leaks",
    "form_of_labels",
    "restore_split",
    "split_rows",
]

Part = Rows | float | None


@dataclass(frozen=True, slots=True)
class Leak:
    """Rows of ``part`` whose content (case and space folded) is also in ``source``."""

    part: PartName
    source: PartName
    ids: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.ids)

    def __str__(self) -> str:
        return f"{self.part} in {self.source}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """Rows divided. Validation always has rows; test may be absent."""

    train: Examples
    validation: Examples
    test: Examples | None
    seed: int
    sources: Mapping[PartName, Rows]
    """The rows that were given, by the setting that names them."""
    leaked: tuple[Leak, ...] = ()
    """Overlaps that are left in, because the files put them there."""
    out_of_scope: Examples = ()
    """Rows that belong under no label, in no part."""
    tree: LabelTree | None = field(default=None, compare=False)
    """What the labels lie in, if they lie in a tree; not of a split that was restored."""
    shares: Mapping[PartName, float] = field(default_factory=dict, compare=False)
    """The shares of the training rows that were asked for."""

    @property
    def uneven(self) -> tuple[str, ...]:
        """A sentence about each share that came out by half larger or smaller than asked for."""
        cut = {name: len(self.parts[name]) for name in self.shares}
        total = len(self.train) + sum(cut.values())
        groups = len(set(group_keys(self.sources["train"].examples))) if cut else 0
        return tuple(
            f"{name} has {count} of {total} rows ({count / total:.0%}), not the {share:.0%} asked "
            "for: a group (data.group, or rows of one text) is never divided, and there "
            + plural(groups, "[is # group|are # groups]")
            for name, count in cut.items()
            if abs(count - (share := self.shares[name]) * total) > max(1, share * total / 2)
        )

    @property
    def parts(self) -> dict[PartName, Examples]:
        """The parts that there are; an adopted model's rows have no part to train on."""
        train: dict[PartName, Examples] = {"train": self.train} if self.train else {}
        parts: dict[PartName, Examples] = {**train, "validation": self.validation}
        return parts if self.test is None else {**parts, "test": self.test}

    def record(self) -> SplitRecord:
        """What a run keeps, enough for ``restore_split``."""
        return SplitRecord(
            seed=self.seed,
            files={name: _file_records(rows) for name, rows in self.sources.items()},
            parts={
                name: PartRecord(
                    cut_from=name if name in self.sources else next(iter(self.sources)),
                    rows=len(examples),
                    digest=content_digest(examples),
                    ids=tuple(example.id for example in examples),
                    digests=tuple(example.digest for example in examples),
                )
                for name, examples in self.parts.items()
            },
            leaked={str(leak): len(leak) for leak in self.leaked},
        )


def split_rows(rows: Rows, *, validation: Part, test: Part = None, seed: int) -> Split:
    """Divide rows into parts.

    A share is cut from ``rows``: stratified by label (entity type; answerable or not), rows of one
    group together, and rows of one text (of one context), every label kept in train. It depends
    on the rows' content and the seed alone, not on their order or the machine.

    Args:
        rows: the rows of ``data.train``.
        validation: rows of another file, or a share of ``rows`` between 0 and 1.
        test: the same, or None for no test set.
        seed: any whole number.

    Raises:
        DataError: there is no validation set, a part is empty, or a part has a label that train
            lacks.
    """
    require_validation(validation)
    given: dict[PartName, Part] = {"validation": validation, "test": test}
    files = {name: part for name, part in given.items() if isinstance(part, Rows)}
    shares = {
        name: _share(name, part)
        for name, part in given.items()
        if part is not None and not isinstance(part, Rows)
    }
    for name, part in files.items():
        _check_same_form(rows, part, name)
    cut = cut_rows(rows, shares, seed=seed)
    parts = {name: cut.get(name) or files[name].examples for name in (*cut, *files)}
    sources: dict[PartName, Rows] = {"train": rows, **files}
    split = Split(
        train=parts["train"],
        validation=parts["validation"],
        test=parts.get("test"),
        seed=seed,
        sources=sources,
        leaked=find_leaks(parts),
        shares=shares,
    )
    _check_classes(split)
    return split


def restore_split(
    record: SplitRecord,
    *,
    train: Rows | None,
    validation: Rows | None = None,
    test: Rows | None = None,
) -> Split:
    """Restore a split from its record and the rows of the same files, in any order.

    Args:
        record: what ``Split.record`` gave.
        train: the rows of ``data.train``; None for an adopted model.
        validation: those of ``data.validation`` where it is a file.
        test: those of ``data.test`` where it is a file.

    Raises:
        DataError: rows were changed, added or removed since; names the file.
    """
    given: dict[PartName, Rows | None] = {"train": train, "validation": validation, "test": test}
    sources = {name: rows for name, rows in given.items() if rows is not None}
    for name, rows in sources.items():
        _check_count(rows, record.files.get(name, ()))
    stock = {name: _by_digest(rows.examples) for name, rows in sources.items()}
    parts = {name: _restore_part(part, name, sources, stock) for name, part in record.parts.items()}
    return Split(
        train=parts.get("train", ()),
        validation=parts["validation"],
        test=parts.get("test"),
        seed=record.seed,
        sources=sources,
        leaked=find_leaks(parts),
    )


def _file_records(rows: Rows) -> tuple[FileRecord, ...]:
    return tuple(
        FileRecord(
            path=str(file.path), sha256=file.sha256, rows=file.rows, skipped=dict(file.skipped)
        )
        for file in rows.files
    )


def _share(name: PartName, share: float) -> float:
    if not 0 < share < 1:
        raise DataError(
            f"data.{name} is {share}, which is not a share of the training rows",
            "give a share between 0 and 1, for example 0.15, or a file",
        )
    return share


def _check_same_form(rows: Rows, part: Rows, name: PartName) -> None:
    if part.task != rows.task:
        raise DataError(
            f"{part.name} holds {part.task} rows, {rows.name} {rows.task} rows",
            f"give a {rows.task} file as data.{name}",
        )
    if part.multi_label != rows.multi_label:
        raise DataError(
            f"{part.name} has {form_of_labels(part)}, {rows.name} {form_of_labels(rows)}",
            "write both files in one form: one name under label, or a list under labels",
        )


def form_of_labels(rows: Rows) -> str:
    """How many labels each row of a classification file has, in words."""
    return "any number of labels per row" if rows.multi_label else "one label per row"


def find_leaks(parts: Mapping[PartName, Examples]) -> tuple[Leak, ...]:
    """The rows of each part whose content is also in an earlier part."""
    keys = {name: [content_key(example) for example in part] for name, part in parts.items()}
    leaks = []
    pairs: list[tuple[PartName, PartName]] = [
        ("validation", "train"),
        ("test", "train"),
        ("test", "validation"),
    ]
    for part, source in pairs:
        if part in parts and source in parts:
            seen = set(keys[source])
            pairs_of_part = zip(parts[part], keys[part], strict=True)
            ids = tuple(example.id for example, key in pairs_of_part if key in seen)
            if ids:
                leaks.append(Leak(part, source, ids))
    return tuple(leaks)


def _check_classes(split: Split) -> None:
    known = {name for example in split.train for name in example.class_names}
    kind = find_task(split.sources["train"].task)
    labels = kind.checks.labels
    if labels is None:
        return
    if not known:
        raise DataError(
            f"{split.sources['train'].name}: no training row has {labels.one}",
            "add rows that have one: a model cannot learn from the others alone",
        )
    if kind.settings.has_tree:  # a row may name an inner label, which rows of train lie under
        return
    for part in (split.validation, split.test or ()):
        for example in part:
            new = [name for name in example.class_names if name not in known]
            if new:
                raise DataError(
                    f"{example.id} has the label {new[0]!r}, which no training row has",
                    "add rows of that label to the training file, or remove it from this one; "
                    "burnish check names every such row",
                )


def _check_count(rows: Rows, files: Sequence[FileRecord]) -> None:
    now, then = sum(file.rows for file in rows.files), sum(file.rows for file in files)
    if files and now != then:
        raise DataError(
            f"{rows.name} has changed: it has {plural(now, '# [row|rows]')}, and the run was "
            f"trained with {then:,}",
            "restore the file, or train again",
        )


def _by_digest(examples: Examples) -> dict[str, list[Example]]:
    """Rows by digest, in reverse order: equal rows are taken from the end of the list."""
    found: dict[str, list[Example]] = {}
    for example in reversed(examples):
        found.setdefault(example.digest, []).append(example)
    return found


def _restore_part(
    record: PartRecord,
    name: PartName,
    sources: Mapping[PartName, Rows],
    stock: Mapping[PartName, dict[str, list[Example]]],
) -> Examples:
    rows = sources.get(record.cut_from)
    if rows is None:
        message = f"the {name} rows came from the file data.{record.cut_from}, which is not given"
        raise DataError(message, "give the files of the run's recipe")
    if record.digests:
        there = stock[record.cut_from]
        found = [there[each].pop() for each in record.digests if there.get(each)]
    else:
        by_id = {example.id: example for example in rows.examples}
        found = [by_id[each] for each in record.ids if each in by_id]
    if len(found) < len(record.ids) or content_digest(found) != record.digest:
        raise DataError(
            f"{rows.name} has changed: its {name} rows are not those that the run was trained with",
            "restore the file, or train again",
        )
    return tuple(found)
