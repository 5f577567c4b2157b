"""Models compared on the same rows: which is better, by how much, and how sure that is."""

from burnish.evidence.comparison.contest import check_one_task, contestant
from burnish.evidence.comparison.models import (
    Comparison,
    Contestant,
    Duel,
    Standing,
    compare_models,
)
from burnish.evidence.comparison.rows import ENDINGS, differing_destination, write_differing

__all__ = [
    "ENDINGS",
    "Comparison",
    "Contestant",
    "Duel",
    "Standing",
    "check_one_task",
    "compare_models",
    "contestant",
    "differing_destination",
    "write_differing",
]
