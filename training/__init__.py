"""Training: rows and a recipe in, a run directory out."""

from .pipeline import evaluate_run, train

__all__ = ["evaluate_run", "train"]
