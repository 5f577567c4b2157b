"""What a training rests on: where one of it has changed, another training would go on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from burnish.data import Split
from burnish.data.split_record import FileRecord
from burnish.digest import file_sha256
from burnish.recipe.recipe import Recipe
from burnish.run import TermsRecord
from burnish.torch_models.base import BaseModel

from .provenance import package_versions

__all__ = ["BASE_FILES", "COMPUTING", "Basis", "basis_of", "differences"]

Basis = dict[str, Any]
"""By dotted name."""

_WITHOUT_EFFECT = ("output", "train.checkpoint_minutes")
"""Keys of a recipe that the bits of a run do not depend on."""
COMPUTING = (
    "adapters",
    "burnish",
    "numpy",
    "peft",
    "safetensors",
    "scikit-learn",
    "scipy",
    "tokenizers",
    "torch",
    "transformers",
)
"""Packages that compute."""
BASE_FILES = ("config.json", "tokenizer.json")
"""Of the base model, beside its weights."""
_SHOWN = 4
_DIGEST = 64
"""Characters of one."""


def basis_of(recipe: Recipe, *, base: BaseModel, split: Split, terms: TermsRecord | None) -> Basis:
    """Recipe, digests and versions, by dotted name.

    Args:
        recipe: resolved.
        base: the base model.
        split: the rows, read and divided.
        terms: the user's file, where the recipe names one.
    """
    recipe_keys = dict(_flat("", recipe.model_dump(mode="json")))
    versions = package_versions()
    files: list[FileRecord | TermsRecord] = [*_files(split), *([terms] if terms else [])]
    return {
        **{key: value for key, value in recipe_keys.items() if key not in _WITHOUT_EFFECT},
        "SHA-256 of the base model": base.digest,
        **{
            f"SHA-256 of the base model's {name}": file_sha256(base.path / name)
            for name in BASE_FILES
        },
        **{f"SHA-256 of {file.path}": file.sha256 for file in files},
        **{f"{name} rows": part.digest for name, part in split.record().parts.items()},
        **{f"version of {name}": versions.get(name) for name in COMPUTING},
    }


def differences(before: Basis, now: Basis) -> list[str]:
    """A line a difference, and how many more there are."""
    names = [n for n in {**before, **now} if before.get(n) != now.get(n)]
    lines = [f"{name}: {_shown(before, name)} then, {_shown(now, name)} now" for name in names]
    more = len(lines) - _SHOWN
    return [*lines[:_SHOWN], *([f"and {more} more"] if more > 0 else [])]


def _shown(document: dict[str, Any], name: str) -> str:
    text = str(document.get(name, "not there"))
    return f"{text[:12]}…" if len(text) == _DIGEST and " " not in text else text


def _files(split: Split) -> Iterator[FileRecord]:
    for files in split.record().files.values():
        yield from files


def _flat(prefix: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _flat(f"{prefix}.{key}" if prefix else key, inner)
    else:
        yield prefix, value
