"""The public functions: what ``import burnish`` offers, each importable without torch.

They are the same functions that the commands call. Libraries are imported when a function is
called, so that ``import burnish`` takes no longer than reading these files.
"""

from __future__ import annotations

from burnish.api.comparing import compare, compare_bases
from burnish.api.distilling import distill
from burnish.api.exporting import export
from burnish.api.predicting import predict
from burnish.api.pretraining import pretrain, prune_vocabulary, vocabulary
from burnish.api.reading import read_bundle, read_run
from burnish.api.searching import search
from burnish.api.training import adopt, train
from burnish.api.using import evaluate, load

__all__ = [
    "adopt",
    "compare",
    "compare_bases",
    "distill",
    "evaluate",
    "export",
    "load",
    "predict",
    "pretrain",
    "prune_vocabulary",
    "read_bundle",
    "read_run",
    "search",
    "train",
    "vocabulary",
]
