"""The self-test of a finished bundle: its answers to neutral sentences, for its manifest."""

from __future__ import annotations

from pathlib import Path

from burnish.bundle import Manifest
from burnish.self_test.asking import record_probes

__all__ = ["with_probes"]


def with_probes(directory: Path, manifest: Manifest) -> Manifest:
    """Add the answers of the graph in ``directory`` to the manifest.

    Raises:
        BundleError: the model fails its self-test, or gives numbers that are not finite.
    """
    probes = record_probes(
        manifest.task,
        graph=directory / "model.onnx",
        tokenizer=directory / "tokenizer.json",
        inputs=manifest.inputs,
        precision=manifest.precision,
    )
    return manifest.model_copy(update={"probes": probes})
