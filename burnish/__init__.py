"""burnish turns labelled text into a verified, quantized model behind an HTTP API.

::

    import burnish

    run = burnish.train(frame, text="body", label="team")
    bundle = run.export("bundles/tickets")
    bundle.predict(frame)
    with burnish.load(bundle) as model:
        model.predict_one("My card was charged twice.").labels

Every name is imported when it is first used: ``import burnish`` loads neither torch nor numpy.
"""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from burnish.api import (
        adopt,
        compare,
        compare_bases,
        distill,
        evaluate,
        export,
        load,
        predict,
        pretrain,
        prune_vocabulary,
        read_bundle,
        read_run,
        search,
        train,
        vocabulary,
    )
    from burnish.api.estimator import BurnishClassifier
    from burnish.api.exported import ExportedBundle
    from burnish.api.trained import TrainedRun
    from burnish.bundle import Bundle
    from burnish.data import Columns, Rows, read_rows
    from burnish.errors import BurnishError
    from burnish.recipe.recipe import Recipe, load_recipe
    from burnish.run import Run
    from burnish.runtime import Model
    from burnish.tasks import Classification, Extraction, QAPrediction, Question, TextPair
    from burnish.tasks.evaluation import Evaluation

__all__ = [
    "Bundle",
    "BurnishClassifier",
    "BurnishError",
    "Classification",
    "Columns",
    "Evaluation",
    "ExportedBundle",
    "Extraction",
    "Model",
    "QAPrediction",
    "Question",
    "Recipe",
    "Rows",
    "Run",
    "TextPair",
    "TrainedRun",
    "__version__",
    "adopt",
    "compare",
    "compare_bases",
    "distill",
    "evaluate",
    "export",
    "load",
    "load_recipe",
    "predict",
    "pretrain",
    "prune_vocabulary",
    "read_bundle",
    "read_rows",
    "read_run",
    "search",
    "train",
    "vocabulary",
]

__version__ = "0.2.0"

_HOMES = {
    "Bundle": "burnish.bundle",
    "BurnishClassifier": "burnish.api.estimator",
    "BurnishError": "burnish.errors",
    "Classification": "burnish.tasks",
    "Columns": "burnish.data",
    "Evaluation": "burnish.tasks.evaluation",
    "ExportedBundle": "burnish.api.exported",
    "Extraction": "burnish.tasks",
    "Model": "burnish.runtime",
    "QAPrediction": "burnish.tasks",
    "Question": "burnish.tasks",
    "Recipe": "burnish.recipe.recipe",
    "Rows": "burnish.data",
    "Run": "burnish.run",
    "TextPair": "burnish.tasks",
    "TrainedRun": "burnish.api.trained",
    "adopt": "burnish.api",
    "compare": "burnish.api",
    "compare_bases": "burnish.api",
    "distill": "burnish.api",
    "evaluate": "burnish.api",
    "export": "burnish.api",
    "load": "burnish.api",
    "load_recipe": "burnish.recipe.recipe",
    "predict": "burnish.api",
    "pretrain": "burnish.api",
    "prune_vocabulary": "burnish.api",
    "read_bundle": "burnish.api",
    "read_rows": "burnish.data",
    "read_run": "burnish.api",
    "search": "burnish.api",
    "train": "burnish.api",
    "vocabulary": "burnish.api",
}

# Read when onnxruntime is imported. From 1.32 on its Linux wheels send events to Microsoft
# (mobile.events.data.microsoft.com); disable_telemetry_events() does not stop them.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = public(name)
    globals()[name] = value
    return value


def public(name: str) -> Any:
    """A public name, also where a room of the same name has taken its place here."""
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
