"""The self-test of a finished bundle: its answers to neutral sentences, for its manifest."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from burnish.bundle import Manifest
from burnish.self_test.asking import record_probes
from burnish.tasks import Encoding

__all__ = ["with_probes"]


def with_probes(
    directory: Path, manifest: Manifest, *, is_either: Callable[[Encoding], bool] | None = None
) -> Manifest:
    """Add the answers of the graph in ``directory`` to the manifest.

    Args:
        directory: of the bundle.
        manifest: without answers.
        is_either: as `record_probes`.

    Raises:
        BundleError: the model fails its self-test, or gives numbers that are not finite.
    """
    probes = record_probes(
        manifest.task,
        graph=directory / manifest.graph_names[0],
        tokenizer=directory / "tokenizer.json",
        inputs=manifest.inputs,
        precision=manifest.precision,
        generation=manifest.generation,
        is_either=is_either,
    )
    return manifest.model_copy(update={"probes": probes})
