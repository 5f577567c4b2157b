"""A directory of models made of tiny bundles, and a registry on it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from burnish.bundle import Manifest, read_manifest, write_manifest
from burnish.service.models import Registry, ServedModel
from burnish.service.settings import Settings
from burnish.tasks import Classification
from tests.tiny_onnx import LABELS, tiny_bundle

__all__ = ["OTHER_LABELS", "change_manifest", "copy", "make_versions", "registry_of", "said"]

OTHER_LABELS = ("delivery", "other", "billing")
"""The same labels in another order: an answer tells which version gave it."""


def make_versions(models: Path, *versions: str, name: str = "tickets") -> Path:
    """Versions of one model; every second one orders its labels otherwise, so answers tell them."""
    for number, version in enumerate(versions):
        labels = OTHER_LABELS if number % 2 else LABELS
        tiny_bundle(models / name / version, name=f"{name}-{version}", probes=True, labels=labels)
    return models / name


def said(served: ServedModel, text: str) -> str:
    """The best label of a model's answer."""
    answer = served.model.predict_one(text)
    assert isinstance(answer, Classification)
    return answer.labels[0]


def change_manifest(bundle: Path, **fields: object) -> None:
    """Write a manifest anew, sealed, with some fields changed."""
    manifest, _ = read_manifest(bundle)
    changed = Manifest.model_validate(manifest.model_dump() | fields)
    (bundle / "manifest.json").unlink()
    write_manifest(bundle, changed)


@contextmanager
def registry_of(*paths: Path, **settings: object) -> Iterator[Registry]:
    """A registry that has loaded."""
    registry = Registry(Settings(bundles=paths, threads=2, **settings))  # type: ignore[arg-type]
    registry.start()
    try:
        registry.loaded.result(60)
        yield registry
    finally:
        registry.close()


def copy(source: Path, target: Path) -> Path:
    """A bundle, copied."""
    return Path(shutil.copytree(source, target))
