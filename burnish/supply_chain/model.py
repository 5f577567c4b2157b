"""The SBOM of a model: what it is, what it was made from, and by which software (an ML-BOM)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cyclonedx.model import HashAlgorithm, HashType, Property
from cyclonedx.model.component import Component, ComponentScope, ComponentType

from .document import Document, new_bom, render_document
from .packages import Package
from .software import add_libraries

__all__ = ["Base", "DataFile", "Materials", "Metric", "model_component", "model_sbom"]

_MODEL = "model"
_LIBRARY_SCOPE = ComponentScope.EXCLUDED
"""The software that made a model is not part of it."""


@dataclass(frozen=True, slots=True)
class DataFile:
    """A file of rows, by its digest alone: its name and place are the user's own."""

    part: str
    """What it was for: ``train``, ``validation``, ``test``."""
    sha256: str


@dataclass(frozen=True, slots=True)
class Base:
    """The pre-trained model that was tuned."""

    name: str
    """Without the directories of a machine."""
    sha256: str
    """Of its weights."""
    revision: str | None = None
    """The hub's commit."""


@dataclass(frozen=True, slots=True)
class Metric:
    """A score."""

    part: str
    """The rows it was measured on."""
    name: str
    value: float


@dataclass(frozen=True, slots=True)
class Materials:
    """What a model consists of and was made from."""

    name: str
    version: str
    """The run's digest, which stands for its recipe, data, seed and weights."""
    task: str
    family: str
    """The architecture: ``bert``."""
    files: dict[str, str]
    """SHA-256 of each file by its name; the first is the graph."""
    base: Base
    data: tuple[DataFile, ...] = ()
    metrics: tuple[Metric, ...] = ()
    properties: tuple[tuple[str, str], ...] = ()
    """What CycloneDX has no field for, as the precision."""


def model_component(materials: Materials) -> Component:
    """Make the component of the model, without its card."""
    return Component(
        type=ComponentType.MACHINE_LEARNING_MODEL,
        bom_ref=_MODEL,
        name=materials.name,
        version=materials.version,
        hashes=_hashes(next(iter(materials.files.values()))),
        properties=[Property(name=f"burnish:{key}", value=v) for key, v in materials.properties],
    )


def model_sbom(
    materials: Materials, packages: Sequence[Package], *, made: datetime | None
) -> Document:
    """Render a model's SBOM: files, base, data by digest, and the software that made it.

    Args:
        materials: what the model consists of.
        packages: the software that made it; in scope ``excluded``, since the model holds none.
        made: the document's date; None: it has none.
    """
    model = model_component(materials)
    bom = new_bom(model, made=made)
    parts = [*_files(materials.files), _base(materials.base), *_data(materials.data)]
    libraries = add_libraries(bom, packages)
    for each in libraries.values():
        each.scope = _LIBRARY_SCOPE
    bom.components.update(parts)
    bom.register_dependency(model, parts)

    def amend(content: dict[str, Any]) -> None:
        content["metadata"]["component"]["modelCard"] = _card(materials)

    return render_document(bom, made=made, amend=amend)


def _hashes(sha256: str) -> list[HashType]:
    return [HashType(alg=HashAlgorithm.SHA_256, content=sha256)]


def _files(files: dict[str, str]) -> Iterator[Component]:
    for name, sha256 in files.items():
        yield Component(
            type=ComponentType.FILE, bom_ref=f"file:{name}", name=name, hashes=_hashes(sha256)
        )


def _base(base: Base) -> Component:
    return Component(
        type=ComponentType.MACHINE_LEARNING_MODEL,
        bom_ref="base",
        name=base.name,
        version=base.revision,
        description="The pre-trained model that was tuned; the hash is that of its weights.",
        hashes=_hashes(base.sha256),
    )


def _data(data: Iterable[DataFile]) -> Iterator[Component]:
    for number, each in enumerate(data, start=1):
        yield Component(
            type=ComponentType.DATA,
            bom_ref=f"data:{number}",
            name=each.part,
            description="Rows; the hash is that of the file.",
            hashes=_hashes(each.sha256),
        )


def _card(materials: Materials) -> dict[str, Any]:
    """Build the model card, for which the library has no model.

    https://cyclonedx.org/docs/1.6/json/#components_items_modelCard
    """
    metrics = [
        {"type": each.name, "value": str(each.value), "slice": each.part}
        for each in materials.metrics
    ]
    return {
        "modelParameters": {
            "approach": {"type": "supervised"},
            "task": materials.task,
            "architectureFamily": "transformer encoder",
            "modelArchitecture": materials.family,
            "datasets": [{"ref": f"data:{n}"} for n in range(1, len(materials.data) + 1)],
            "inputs": [{"format": "text"}],
        },
        "quantitativeAnalysis": {"performanceMetrics": metrics},
    }
