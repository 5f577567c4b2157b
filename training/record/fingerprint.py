"""What a training depends on: it can resume only if none of it changed."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any

from burnish.data import Split
from burnish.data.split_record import FileRecord
from burnish.digest import file_sha256
from burnish.recipe.recipe import Recipe
from burnish.run import TeacherRecord, TermsRecord
from burnish.torch_models.base import BaseModel

from .provenance import package_versions

__all__ = ["BASE_FILES", "COMPUTING", "Basis", "basis_of", "differences"]

Basis = dict[str, Any]
"""Values by dotted name."""

_WITHOUT_EFFECT = ("output", "train.checkpoint_minutes")
"""Keys of a recipe that do not affect a run's bits."""
COMPUTING = (
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
"""Packages that affect a run's bits."""
BASE_FILES = ("config.json", "tokenizer.json")
"""Files of the base model other than its weights."""
_SHOWN = 4
_DIGEST = 64
"""Length of a SHA-256 digest."""


def basis_of(
    recipe: Recipe,
    *,
    base: BaseModel,
    split: Split,
    terms: TermsRecord | None,
    teacher: TeacherRecord | None = None,
) -> Basis:
    """Collect a resolved recipe, digests and versions by dotted name."""
    recipe_keys = dict(_flat("", recipe.model_dump(mode="json")))
    versions = package_versions()
    record = split.record()
    files: list[FileRecord | TermsRecord] = [*chain.from_iterable(record.files.values())]
    files += [terms] if terms else []
    return {
        **{key: value for key, value in recipe_keys.items() if key not in _WITHOUT_EFFECT},
        "SHA-256 of the base model": base.digest,
        **{
            f"SHA-256 of the base model's {name}": file_sha256(base.path / name)
            for name in BASE_FILES
        },
        **{f"SHA-256 of {file.path}": file.sha256 for file in files},
        **dict(_flat("teacher", {} if teacher is None else teacher.model_dump())),
        **{f"{name} rows": part.digest for name, part in record.parts.items()},
        **{f"version of {name}": versions.get(name) for name in COMPUTING},
    }


def differences(before: Basis, now: Basis) -> list[str]:
    """One line per difference, and one on how many more there are."""
    names = [n for n in {**before, **now} if before.get(n) != now.get(n)]
    lines = [f"{name}: {_shown(before, name)} then, {_shown(now, name)} now" for name in names]
    more = len(lines) - _SHOWN
    return [*lines[:_SHOWN], *([f"and {more} more"] if more > 0 else [])]


def _shown(document: dict[str, Any], name: str) -> str:
    text = str(document.get(name, "not there"))
    return f"{text[:12]}…" if len(text) == _DIGEST and " " not in text else text


def _flat(prefix: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _flat(f"{prefix}.{key}" if prefix else key, inner)
    else:
        yield prefix, value
