"""Neutral pairs of texts."""

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
from burnish.tasks.pairs.example import TextPair

__all__ = ["NEUTRAL"]

NEUTRAL = NeutralInputs(
    probes=(
        TextPair("The quick brown fox jumps over the lazy dog.", "A dog is jumped over."),
        TextPair(FERRY, "The boat leaves at seven in the morning."),
        TextPair("Nobody has planted a tree in Lindau.", GARDEN),
        TextPair(LIBRARY, "A late return costs nothing."),
        TextPair("The patient has a fever.", CLINIC),
        TextPair(COURT, "The seller had to take the goods back."),
        TextPair("Zoë Brontë zahlte in Köln 7,40 €.", "Zoë Brontë a payé 7,40 € à Cologne."),
        TextPair("東京の図書館は月曜日に閉まります。", "Библиотека открыта до шести. 🙂"),
        TextPair(TOUR, "The costs are borne by Norden Ltd."),
        TextPair("Nine of the apple trees still bear fruit.", LONG),
    ),
    around=partial(TextPair, "Somebody came."),
)
