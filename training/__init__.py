"""Training: rows and a recipe in, a run directory out."""

from burnish.torch_models.checkpoint import load_run_model

from .distributed.processes import is_first, joined
from .pipeline.adopt import adopt
from .pipeline.estimator import BurnishClassifier
from .pipeline.predicting import predict_run
from .pipeline.train import answer_run, evaluate_run, loaded_run, train

__all__ = [
    "BurnishClassifier",
    "adopt",
    "answer_run",
    "evaluate_run",
    "is_first",
    "joined",
    "load_run_model",
    "loaded_run",
    "predict_run",
    "train",
]
