"""Bias: terms for groups of people, and how far answers change when only the terms do."""

from burnish.evidence.bias.comparison import AxisReport, BiasReport, compare_answers
from burnish.evidence.bias.subgroups import (
    FEWEST_ROWS,
    LabelGap,
    SubgroupReport,
    SubgroupScore,
    largest_gap,
)
from burnish.evidence.bias.swaps import Counterfactual, Swapper
from burnish.evidence.bias.terms import Terms, guess_language, load_terms

__all__ = [
    "FEWEST_ROWS",
    "AxisReport",
    "BiasReport",
    "Counterfactual",
    "LabelGap",
    "SubgroupReport",
    "SubgroupScore",
    "Swapper",
    "Terms",
    "compare_answers",
    "guess_language",
    "largest_gap",
    "load_terms",
]
