"""Rows of the real sets as vectors of the frozen encoder, for the trials of curve and choice."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from burnish.data import ClassificationExample, Columns, read_rows
from burnish.torch_models.base import resolve_base
from burnish.training.tasks.classification.embedding import Embedder

__all__ = ["FrozenRows", "frozen_rows"]

ROOT = Path(__file__).parents[1]
SHARED = Path(os.environ.get("BURNISH_SHARED_DATA", ROOT.parent / "shared" / "data"))
CACHE = ROOT / ".cache" / "frozen"
GROUPS = {"vetclaims_roles": "doc"}


@dataclass(frozen=True, eq=False)
class FrozenRows:
    """A file's rows."""

    vectors: npt.NDArray[np.float32]
    targets: npt.NDArray[np.bool_]
    groups: list[str]
    multi_label: bool

    def of(self, indices: Any) -> FrozenRows:
        """Some of them."""
        groups = [self.groups[index] for index in indices]
        return FrozenRows(self.vectors[indices], self.targets[indices], groups, self.multi_label)


def frozen_rows(name: str) -> tuple[FrozenRows, FrozenRows]:
    """Training and test rows of a set; vectors are kept under ``.cache/frozen``."""
    files = [SHARED / name / f"{part}.jsonl" for part in ("train", "test")]
    columns = Columns(group=GROUPS.get(name))
    read = [read_rows(file, "classification", columns=columns) for file in files]
    labels = sorted({label for rows in read for each in rows.examples for label in _labels(each)})
    found = []
    for part, rows in zip(("train", "test"), read, strict=True):
        present = np.array([[label in _labels(e) for label in labels] for e in rows.examples])
        texts = [getattr(each, "text") for each in rows.examples]  # noqa: B009
        groups = [each.group or each.id for each in rows.examples]
        vectors = _vectors(f"{name}-{part}", texts)
        found.append(FrozenRows(vectors, present, groups, rows.multi_label))
    return found[0], found[1]


def _labels(example: object) -> tuple[str, ...]:
    assert isinstance(example, ClassificationExample)
    return example.labels


def _vectors(name: str, texts: list[str]) -> npt.NDArray[np.float32]:
    path = CACHE / f"{name}.npy"
    if not path.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        np.save(path, Embedder(resolve_base("minilm")).embed(texts))
    vectors: npt.NDArray[np.float32] = np.load(path)
    return vectors
