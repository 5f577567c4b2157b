"""The self-test's texts, written for the purpose: no row of anybody's data stands in them.

They name persons, places, dates, sums and things of several fields, so that a model of any of
them has something to find; some are in other languages or scripts, and two need several windows.
"""

from __future__ import annotations

from typing import Final

from burnish.tasks import Input, Question

__all__ = ["PROBE_SET", "probes_for"]

PROBE_SET: Final = "neutral-1"
"""Name of this set. A text that is changed here makes another set, with another name."""

_FERRY = (
    "The ferry to the island leaves every morning at seven from the old harbour, and the crossing "
    "takes about forty minutes when the sea is calm. In winter there is one boat a day, and none "
    "on the first of January."
)
_GARDEN = (
    "Maria Keller planted eleven apple trees behind the town hall of Lindau in March 1998. Nine of "
    "them still bear fruit, and the school collects the apples on the last Friday of September."
)
_LIBRARY = (
    "The library of the Harbour Museum lends books for three weeks. A late return costs 0.20 euro "
    "a day, and a lost book is paid for at its price. Readers under sixteen pay nothing."
)
_CLINIC = (
    "The nurse noted a temperature of 37.2 degrees, a slight cough and no pain. Dr. Anna Berg "
    "prescribed 500 mg of paracetamol twice a day and asked for a blood test within a week."
)
_COURT = (
    "The court of appeal held that the seller had to take the goods back, since the notice of the "
    "defect had reached it in time. The defendant, Norden Ltd, bears the costs of both instances."
)
_TOUR = " ".join((_FERRY, _GARDEN, _LIBRARY, _CLINIC, _COURT))
_LONG = " ".join((_TOUR, _COURT, _CLINIC, _TOUR, _LIBRARY, _GARDEN, _FERRY, _TOUR))

_TEXTS: Final = (
    "The quick brown fox jumps over the lazy dog.",
    "Hello.",
    "Please send the invoice for order 4711 again: the parcel is here, but I was charged twice.",
    "I am very happy with the new lamp; it is bright, quiet and was easy to put up!",
    _CLINIC,
    _COURT,
    "Zoë Brontë zahlte in Köln für drei Äpfel, zwei Brötchen und einen Kaffee 7,40 €.",
    "東京の図書館は月曜日に閉まります。 Библиотека открыта до шести. 🙂",
    _TOUR,
    _LONG,
)
_QUESTIONS: Final = (
    Question("Who jumps?", "The quick brown fox jumps over the lazy dog."),
    Question("When does the ferry leave?", _FERRY),
    Question("Who planted the apple trees?", _GARDEN),
    Question("How much does a late return cost?", _LIBRARY),
    Question("What did the doctor prescribe?", _CLINIC),
    Question("Who won the chess tournament?", _COURT),
    Question("Où?", "Zoë Brontë a acheté trois pommes à Besançon, près de l'église, pour 7,40 €."),
    Question("いつ?", "東京の図書館は月曜日に閉まります。"),
    Question("Who bears the costs?", _TOUR),
    Question("How many apple trees still bear fruit?", _LONG),
)


def probes_for(task: str) -> tuple[Input, ...]:
    """The probes of a task, in the order in which answers are recorded."""
    return _QUESTIONS if task == "qa" else _TEXTS
