"""What a rerun needs and the record lacks or cannot vouch for: the gate ``undocumented``."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

from burnish.data import Split
from burnish.data.reading import rows_sha256
from burnish.digest import file_sha256
from burnish.errors import BurnishError
from burnish.recipe.recipe import Recipe
from burnish.torch_models.base import BaseModel
from burnish.torch_models.weights import weights_digest

from ..distributed.determinism import unrecorded_settings
from .fingerprint import BASE_FILES, COMPUTING, Basis
from .provenance import package_versions

__all__ = ["undocumented"]

_MODULES = {"scikit-learn": "sklearn"}
"""Modules of packages that have another name."""


def undocumented(recipe: Recipe, *, base: BaseModel, split: Split, basis: Basis) -> list[str]:
    """Missing or uncertain facts, each with its key or package, but no path and no value.

    Args:
        recipe: resolved.
        base: the base model.
        split: the rows, with the digests of their files.
        basis: what the training depended on when it began.
    """
    return [
        *_open_settings(recipe),
        *_changed_files(recipe, base=base, split=split, basis=basis),
        *_unknown_code(),
        *unrecorded_settings(device=str(recipe.train.device)),
    ]


def _open_settings(recipe: Recipe) -> list[str]:
    """Settings that the resolved recipe leaves open."""
    settings = recipe.train.model_dump()
    return sorted(f"train.{name} is open" for name, value in settings.items() if value == "auto")


def _changed_files(recipe: Recipe, *, base: BaseModel, split: Split, basis: Basis) -> Iterator[str]:
    """Files that changed after their digest was recorded."""
    columns = recipe.data.columns()
    for name, path in _row_files(recipe, split):
        digest = _digest(lambda path: rows_sha256(path, columns), path)
        if digest != basis.get(f"SHA-256 of {path}"):
            yield f"{name} changed during the training"
    terms = recipe.bias.terms
    if terms is not None and _digest(file_sha256, terms) != basis.get(f"SHA-256 of {terms}"):
        yield "bias.terms changed during the training"
    same = _digest(lambda path: weights_digest(path, name=base.name), base.path) == base.digest
    if not same or any(
        _digest(file_sha256, base.path / name) != basis.get(f"SHA-256 of the base model's {name}")
        for name in BASE_FILES
    ):
        yield "base_model changed during the training"


def _row_files(recipe: Recipe, split: Split) -> Iterator[tuple[str, Path]]:
    """Files that rows were read from, by part; a data set has none."""
    for part, rows in split.sources.items():
        given = getattr(recipe.data, part)
        if isinstance(given, Path) and given in {file.path for file in rows.files}:
            yield f"data.{part}", given


def _digest(digest: Callable[[Path], str], path: Path) -> str | None:
    try:
        return digest(path)
    except (OSError, BurnishError):
        return None


def _unknown_code() -> Iterator[str]:
    """Packages that computed, but whose version is unknown or does not determine their code."""
    versions = package_versions()
    for name in COMPUTING:
        if name == "burnish" or _MODULES.get(name, name) not in sys.modules:
            continue  # burnish's own version is in its code, and in the record
        if name not in versions:
            yield f"{name} has no version"
        elif _is_editable(name):
            yield f"{name} is installed from a directory that may change"


def _is_editable(package: str) -> bool:
    """Whether a package is installed editably, by PEP 610 and PEP 660."""
    try:
        text = metadata.distribution(package).read_text("direct_url.json")
    except metadata.PackageNotFoundError:
        return False
    about: Any = json.loads(text) if text else {}
    return bool(about.get("dir_info", {}).get("editable"))
