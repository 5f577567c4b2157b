"""Loading: a bundle's directory in, a model that answers out."""

from __future__ import annotations

import os

from burnish.bundle import Bundle, read_bundle
from burnish.runtime.model import Model
from burnish.runtime.requirement import check_onnxruntime
from burnish.runtime.workers import Workers
from burnish.signing.trust import Trust

__all__ = ["load_model", "open_model"]


def load_model(
    path: str | os.PathLike[str],
    *,
    threads: int | None = None,
    workers: Workers | None = None,
    probe: bool = True,
    trust: Trust | None = None,
) -> Model:
    """Verify and load a bundle.

    Args:
        path: a bundle directory.
        threads: how many inputs or windows are computed at once; None: one per processor.
        workers: threads that several models share; None starts threads for this one.
        probe: answer a neutral sentence; a caller who leaves this out calls `Model.probe`.
        trust: whose signature the bundle must have.

    Raises:
        BundleError: the bundle is damaged, changed, of another version, or does not fit together.
        SignatureError: it is not signed by a trusted key.
    """
    bundle = read_bundle(path, trust=trust)
    return open_model(bundle, threads=threads, workers=workers, probe=probe)


def open_model(
    bundle: Bundle,
    *,
    threads: int | None = None,
    workers: Workers | None = None,
    probe: bool = True,
) -> Model:
    """Load a bundle that has been verified: this very one, or none. Else as `load_model`."""
    check_onnxruntime(bundle.path, bundle.manifest.least_onnxruntime)
    return Model(bundle, workers=workers or Workers(threads), probe=probe)
