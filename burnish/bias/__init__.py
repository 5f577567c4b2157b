"""Bias: terms of people's groups, the texts that differ only in them, and how far answers move."""

from burnish.bias.comparison import AxisReport, BiasReport, compare_answers
from burnish.bias.swaps import Counterfactual, Swapper
from burnish.bias.terms import Terms, guess_language, load_terms

__all__ = [
    "AxisReport",
    "BiasReport",
    "Counterfactual",
    "Swapper",
    "Terms",
    "compare_answers",
    "guess_language",
    "load_terms",
]
