"""Neutral questions about neutral texts."""

from __future__ import annotations

from functools import partial

from burnish.tasks.neutral import (
    CLINIC,
    COURT,
    FERRY,
    GARDEN,
    LIBRARY,
    LONG,
    TOUR,
    NeutralInputs,
)
from burnish.tasks.qa.example import Question

__all__ = ["NEUTRAL"]

NEUTRAL = NeutralInputs(
    probes=(
        Question("Who jumps?", "The quick brown fox jumps over the lazy dog."),
        Question("When does the ferry leave?", FERRY),
        Question("Who planted the apple trees?", GARDEN),
        Question("How much does a late return cost?", LIBRARY),
        Question("What did the doctor prescribe?", CLINIC),
        Question("Who won the chess tournament?", COURT),
        Question(
            "Où?", "Zoë Brontë a acheté trois pommes à Besançon, près de l'église, pour 7,40 €."
        ),
        Question("いつ?", "東京の図書館は月曜日に閉まります。"),
        Question("Who bears the costs?", TOUR),
        Question("How many apple trees still bear fruit?", LONG),
    ),
    around=partial(Question, "Who came?"),
)
