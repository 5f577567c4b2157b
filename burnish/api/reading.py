"""Read what `train` and `export` wrote, as they returned it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from burnish.api.places import trusted

if TYPE_CHECKING:
    from burnish.api.exported import ExportedBundle
    from burnish.api.places import TrustedKeys
    from burnish.api.trained import TrainedRun

__all__ = ["read_bundle", "read_run"]


def read_run(path: str | os.PathLike[str]) -> TrainedRun:
    """Read a run directory and verify every file of it.

    Args:
        path: what `train` wrote.

    Returns:
        The run, as `train` returned it.

    Raises:
        burnish.errors.RunError: it is not a run directory, or a file is missing or changed.

    Examples:
        >>> burnish.read_run("runs/tickets").scores["test"].metrics["accuracy"].value
        0.8181818181818182
    """
    from burnish.api.trained import TrainedRun
    from burnish.run import read_run

    return TrainedRun.of(read_run(Path(path)))


def read_bundle(
    path: str | os.PathLike[str], *, trust: TrustedKeys | None = None
) -> ExportedBundle:
    """Read a bundle directory and verify every file of it, without loading the model.

    Args:
        path: what `export` wrote.
        trust: public keys, or the files that hold them. The bundle must be signed by one of them.

    Returns:
        The bundle, as `export` returned it.

    Raises:
        burnish.errors.BundleError: the bundle is damaged, changed or of another version.
        burnish.errors.SignatureError: it is not signed by a trusted key.

    Examples:
        >>> burnish.read_bundle("bundles/tickets").predict(frame, text="body")
    """
    from burnish.api.exported import ExportedBundle
    from burnish.bundle import read_bundle

    return ExportedBundle.of(read_bundle(path, trust=trusted(trust)))
