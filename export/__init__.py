"""Export: a run directory in, a verified bundle out."""

from .gates import GATES, Budgets
from .pipeline import Precision, export_run

__all__ = ["GATES", "Budgets", "Precision", "export_run"]
