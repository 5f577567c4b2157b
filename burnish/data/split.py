"""Splitting: train, validation and test rows, from files or from shares of one file."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from burnish.data.content import class_names, content_digest, content_key, group_key
from burnish.data.examples import Example
from burnish.data.rows import Rows
from burnish.data.split_record import FileRecord, PartName, PartRecord, SplitRecord
from burnish.data.stratify import Unit, deal_units
from burnish.errors import DataError

__all__ = ["Leak", "Split", "restore_split", "split_rows"]

Examples = tuple[Example, ...]
Part = Rows | float | None


@dataclass(frozen=True, slots=True)
class Leak:
    """Rows of ``part`` whose content (case and space folded) stands in ``source`` too."""

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
    """Overlaps that are left in, because the files (or the groups) put them there."""
    out_of_scope: Examples = ()
    """Rows that belong under no label, in no part."""

    @property
    def parts(self) -> dict[PartName, Examples]:
        """The parts that there are."""
        parts: dict[PartName, Examples] = {"train": self.train, "validation": self.validation}
        return parts if self.test is None else {**parts, "test": self.test}

    def record(self) -> SplitRecord:
        """What a run keeps, enough for ``restore_split``."""
        return SplitRecord(
            seed=self.seed,
            files={name: _file_records(rows) for name, rows in self.sources.items()},
            parts={
                name: PartRecord(
                    cut_from=name if name in self.sources else "train",
                    rows=len(examples),
                    digest=content_digest(examples),
                    ids=tuple(example.id for example in examples),
                )
                for name, examples in self.parts.items()
            },
            leaked={str(leak): len(leak) for leak in self.leaked},
        )


def split_rows(rows: Rows, *, validation: Part, test: Part = None, seed: int) -> Split:
    """Divide rows into parts.

    A share is cut from ``rows``: stratified by label (entity type; answerable or not), rows of one
    group together (else rows of one text; of one context), every label kept in train. It depends
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
    if validation is None:
        raise DataError(
            "there is no validation set: training needs one to choose its best epoch, and a model "
            "cannot be judged on rows that it has seen",
            "set data.validation to a share of the training rows (0.15) or to a file of rows",
        )
    given: dict[PartName, Part] = {"validation": validation, "test": test}
    files = {name: part for name, part in given.items() if isinstance(part, Rows)}
    shares = {name: _share(name, part) for name, part in given.items() if _is_share(part)}
    for name, part in files.items():
        _check_same_form(rows, part, name)
    cut = _cut(rows, shares, seed=seed)
    parts = {name: cut.get(name) or files[name].examples for name in (*cut, *files)}
    sources: dict[PartName, Rows] = {"train": rows, **files}
    split = Split(
        train=parts["train"],
        validation=parts["validation"],
        test=parts.get("test"),
        seed=seed,
        sources=sources,
        leaked=_leaks(parts),
    )
    _check_classes(split)
    return split


def restore_split(
    record: SplitRecord, *, train: Rows, validation: Rows | None = None, test: Rows | None = None
) -> Split:
    """The split of a record, from the rows of the same files.

    Args:
        record: what ``Split.record`` gave.
        train: the rows of ``data.train``.
        validation: those of ``data.validation`` where it is a file.
        test: those of ``data.test`` where it is a file.

    Raises:
        DataError: rows changed since; names the file.
    """
    given: dict[PartName, Rows | None] = {"train": train, "validation": validation, "test": test}
    sources = {name: rows for name, rows in given.items() if rows is not None}
    parts = {name: _restore_part(part, name, sources) for name, part in record.parts.items()}
    return Split(
        train=parts["train"],
        validation=parts["validation"],
        test=parts.get("test"),
        seed=record.seed,
        sources=sources,
        leaked=_leaks(parts),
    )


def _file_records(rows: Rows) -> tuple[FileRecord, ...]:
    return tuple(
        FileRecord(
            path=str(file.path), sha256=file.sha256, rows=file.rows, skipped=dict(file.skipped)
        )
        for file in rows.files
    )


def _is_share(part: Part) -> bool:
    return part is not None and not isinstance(part, Rows)


def _share(name: PartName, part: Part) -> float:
    share = cast(float, part)
    if not 0 < share < 1:
        raise DataError(
            f"data.{name} is {share}, which is no share of the training rows",
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
        forms = {True: "any number of labels a row", False: "one label a row"}
        raise DataError(
            f"{part.name} has {forms[part.multi_label]}, {rows.name} {forms[rows.multi_label]}",
            "write both files in one form: label, or labels",
        )


def _cut(rows: Rows, shares: Mapping[PartName, float], *, seed: int) -> dict[PartName, Examples]:
    train_share = 1 - sum(shares.values())
    if train_share <= 0:
        raise DataError(
            "validation and test take all rows", "give smaller shares, for example 0.15"
        )
    if not shares:
        return {"train": rows.examples}
    units = _units(rows.examples, seed=seed)
    dealt = deal_units(units, [train_share, *shares.values()])
    names: tuple[PartName, ...] = ("train", *shares)
    cut: dict[PartName, Examples] = {}
    for name, part in zip(names, dealt, strict=True):
        if not part:
            raise DataError(
                f"a {name} share of {shares.get(name, train_share):g} of {len(rows)} rows in "
                f"{len(units)} separate groups or texts leaves {name} without a row",
                f"give a larger share, more rows, or a file as data.{name}",
            )
        cut[name] = tuple(rows.examples[i] for i in sorted(i for unit in part for i in unit.rows))
    return cut


def _units(examples: Sequence[Example], *, seed: int) -> list[Unit]:
    members: dict[tuple[str, str], list[int]] = {}
    for index, example in enumerate(examples):
        members.setdefault(group_key(example), []).append(index)
    return [
        Unit(
            rows=tuple(indices),
            classes=Counter(name for i in indices for name in class_names(examples[i])),
            order=hashlib.sha256("\0".join((str(seed), *key)).encode()).hexdigest(),
        )
        for key, indices in members.items()
    ]


def _leaks(parts: Mapping[PartName, Examples]) -> tuple[Leak, ...]:
    keys = {name: [content_key(example) for example in part] for name, part in parts.items()}
    leaks = []
    pairs: list[tuple[PartName, PartName]] = [
        ("validation", "train"),
        ("test", "train"),
        ("test", "validation"),
    ]
    for part, source in pairs:
        if part in parts:
            seen = set(keys[source])
            pairs_of_part = zip(parts[part], keys[part], strict=True)
            ids = tuple(example.id for example, key in pairs_of_part if key in seen)
            if ids:
                leaks.append(Leak(part, source, ids))
    return tuple(leaks)


def _check_classes(split: Split) -> None:
    known = {name for example in split.train for name in class_names(example)}
    for part in (split.validation, split.test or ()):
        for example in part:
            new = [name for name in class_names(example) if name not in known]
            if new and split.sources["train"].task != "qa":
                raise DataError(
                    f"{example.id} has the label {new[0]!r}, which no training row has",
                    "add rows of that label to the training file, or take it out of this one",
                )


def _restore_part(record: PartRecord, name: PartName, sources: Mapping[PartName, Rows]) -> Examples:
    rows = sources.get(record.cut_from)
    if rows is None:
        message = f"the {name} rows came from the file data.{record.cut_from}, which is not given"
        raise DataError(message, "give the files of the run's recipe")
    by_id = {example.id: example for example in rows.examples}
    found = [by_id[each] for each in record.ids if each in by_id]
    if len(found) < len(record.ids) or content_digest(found) != record.digest:
        raise DataError(
            f"{rows.name} has changed: its {name} rows are not those that the run was trained with",
            "bring the file back as it was, or train again",
        )
    return tuple(found)
