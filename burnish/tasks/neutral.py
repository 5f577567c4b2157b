"""Neutral inputs, written for the purpose: they hold no row of anybody's data.

They name persons, places, dates, sums and things of several fields, so that a model of any of
them has something to find; some are in other languages or scripts, and two need several windows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

__all__ = [
    "CLINIC",
    "COURT",
    "FERRY",
    "GARDEN",
    "LIBRARY",
    "LONG",
    "TEXTS",
    "TOUR",
    "NeutralInputs",
]


@dataclass(frozen=True, kw_only=True)
class NeutralInputs:
    """The inputs of the self-test and the bench for one task."""

    probes: tuple[Any, ...]
    """The self-test's inputs, in the order in which answers are recorded; the first is a plain
    sentence. Another input here makes another set (`burnish.self_test.texts.PROBE_SET`)."""
    around: Callable[[str], Any]
    """The input that the bench makes of a text of a certain length."""


FERRY = (
    "The ferry to the island leaves every morning at seven from the old harbour, and the crossing "
    "takes about forty minutes when the sea is calm. In winter there is one boat a day, and none "
    "on the first of January."
)
GARDEN = (
    "Maria Keller planted eleven apple trees behind the town hall of Lindau in March 1998. Nine of "
    "them still bear fruit, and the school collects the apples on the last Friday of September."
)
LIBRARY = (
    "The library of the Harbour Museum lends books for three weeks. A late return costs 0.20 euro "
    "a day, and a lost book is paid for at its price. Readers under sixteen pay nothing."
)
CLINIC = (
    "The nurse noted a temperature of 37.2 degrees, a slight cough and no pain. Dr. Anna Berg "
    "prescribed 500 mg of paracetamol twice a day and asked for a blood test within a week."
)
COURT = (
    "The court of appeal held that the seller had to take the goods back, since the notice of the "
    "defect had reached it in time. The defendant, Norden Ltd, bears the costs of both instances."
)
TOUR = " ".join((FERRY, GARDEN, LIBRARY, CLINIC, COURT))
LONG = " ".join((TOUR, COURT, CLINIC, TOUR, LIBRARY, GARDEN, FERRY, TOUR))

TEXTS: Final = NeutralInputs(
    probes=(
        "The quick brown fox jumps over the lazy dog.",
        "Hello.",
        (
            "Please send the invoice for order 4711 again: the parcel is here, but I was charged "
            "twice."
        ),
        "I am very happy with the new lamp; it is bright, quiet and was easy to put up!",
        CLINIC,
        COURT,
        "Zoë Brontë zahlte in Köln für drei Äpfel, zwei Brötchen und einen Kaffee 7,40 €.",
        "東京の図書館は月曜日に閉まります。 Библиотека открыта до шести. 🙂",
        TOUR,
        LONG,
    ),
    around=str,
)
"""The inputs of every task that reads one text."""
