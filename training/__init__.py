"""Training: rows and a recipe in, a run directory out."""

from .pipeline import answer_run, evaluate_run, load_run_model, train
from .processes import is_first, joined

__all__ = ["answer_run", "evaluate_run", "is_first", "joined", "load_run_model", "train"]
