"""Search: a recipe's ranges in, the recipe that did best on validation out."""

from .searching import search
from .trials import Found, TrialResult

__all__ = ["Found", "TrialResult", "search"]
