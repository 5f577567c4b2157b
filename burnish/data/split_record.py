"""The record of a split: ids and one digest per part, for a run's ``record.json``."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

__all__ = ["FileRecord", "PartName", "PartRecord", "SplitRecord"]

PartName = Literal["train", "validation", "test"]


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class FileRecord(_Record):
    """A file that rows came from."""

    path: str
    sha256: str
    rows: int
    skipped: dict[str, int] = {}


class PartRecord(_Record):
    """One part of a split."""

    cut_from: PartName
    """The setting whose file holds its rows: train where the part is a share."""
    rows: int
    digest: str
    """SHA-256 over the sorted digests of its rows, whatever their order."""
    ids: tuple[str, ...]
    """Its rows in their order, ``file name:line``."""
    digests: tuple[str, ...] = ()
    """Digests of the same rows in the same order, which find them anywhere in the file; empty in
    runs of burnish 0.1.0, whose rows are found by their ids."""


class SplitRecord(_Record):
    """How rows were divided."""

    seed: int
    files: dict[PartName, tuple[FileRecord, ...]]
    """By the setting that names them."""
    parts: dict[PartName, PartRecord]
    leaked: dict[str, int] = {}
    """How many rows of one part have content that is also in another: ``"test in train": 7``."""
