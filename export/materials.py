"""The bill of materials of a bundle (SBOM), and what known vulnerabilities mean for it (VEX)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from burnish.bundle import Manifest
from burnish.digest import file_sha256
from burnish.run import Run
from burnish.supply_chain.document import SBOM, VEX, validate_document
from burnish.supply_chain.exploitability import exploitability
from burnish.supply_chain.model import (
    Base,
    DataFile,
    Materials,
    Metric,
    model_component,
    model_sbom,
)
from burnish.supply_chain.packages import burnish_packages

__all__ = ["write_materials"]

_PARTS = ("validation", "test")


def write_materials(directory: Path, manifest: Manifest, run: Run) -> None:
    """Write both documents beside a bundle's graph and tokenizer.

    They hold digests, names and figures: no row, and no path of this machine. They have the date of
    the run, so that a second export of it writes the same bytes if everything else is the same.

    Args:
        directory: the bundle, with its graph, tokenizer and configuration.
        manifest: what it will say; its files are not read.
        run: what was exported.
    """
    made = datetime.fromisoformat(run.record.created)
    materials = _materials(directory, manifest, run)
    packages = burnish_packages()
    sbom = model_sbom(materials, packages, made=made)
    validate_document(sbom)
    vex = exploitability(model_component(materials), packages, sbom, made=made)
    sbom.write(directory / SBOM)
    vex.write(directory / VEX)


def _materials(directory: Path, manifest: Manifest, run: Run) -> Materials:
    base = run.record.base_model
    graphs = manifest.graph_names
    rest = sorted(path for path in directory.iterdir() if path.name not in (SBOM, VEX, *graphs))
    files = (*(directory / name for name in graphs), *rest)
    quantization = manifest.quantization or {}
    return Materials(
        name=manifest.name,
        version=run.digest,
        task=manifest.task.task,
        family=base.family,
        files={path.name: file_sha256(path) for path in files},
        base=Base(str(manifest.base_model["name"]), base.digest, base.revision),
        data=tuple(_data(run)),
        metrics=tuple(_metrics(manifest)),
        properties=(
            ("precision", manifest.precision),
            ("quantization", str(quantization.get("chosen") or "none")),
            ("method", run.record.method),
            ("seed", str(run.record.training.seed)),
        ),
    )


def _data(run: Run) -> Iterator[DataFile]:
    for part, files in run.record.data.files.items():
        yield from (DataFile(part, file.sha256) for file in files)


def _metrics(manifest: Manifest) -> Iterator[Metric]:
    for part in _PARTS:
        for name, value in manifest.metrics.get(part, {}).items():
            yield Metric(part, name, value)
