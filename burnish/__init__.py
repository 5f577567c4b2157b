"""burnish turns labelled text into a verified, quantized model behind an HTTP API.

import burnish

model = burnish.load("bundles/tickets")
model.predict_one("My card was charged twice").labels
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from burnish.runtime import Model

__all__ = ["__version__", "load"]

__version__ = "0.1.0"

# Read when onnxruntime is imported. From 1.32 on its Linux wheels send events to Microsoft
# (mobile.events.data.microsoft.com); disable_telemetry_events() does not stop them.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"


def load(path: str | os.PathLike[str], *, threads: int | None = None) -> Model:
    """Load a bundle and verify every file of it.

    Args:
        path: a bundle directory.
        threads: how many texts or windows are computed at once; the processors that this process
            may use where None.

    Raises:
        burnish.errors.BundleError: the bundle is damaged, changed or of another version.
    """
    from burnish.runtime import load_model  # numpy and onnxruntime: not needed by `import burnish`

    return load_model(path, threads=threads)
