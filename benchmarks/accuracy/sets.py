"""The sets of the accuracy benchmark, and which of them defaults may be tuned on.

``Role.TUNED`` sets may be looked at while a default is chosen. ``Role.KEPT`` sets are looked at
once, at the end. Which is which was written before anything was measured, and does not change.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

__all__ = ["SETS", "SHARED", "LabelledSet", "Role"]

ROOT = Path(__file__).parents[2]
SHARED = Path(os.environ.get("BURNISH_SHARED_DATA", ROOT.parent / "shared" / "data"))


class Role(Enum):
    """What a set is for."""

    TUNED = "tuned"
    KEPT = "kept"


@dataclass(frozen=True, slots=True)
class LabelledSet:
    """A folder of ``SHARED`` with ``train``, ``validation`` and ``test.jsonl``."""

    name: str
    task: str
    """burnish's task."""
    role: Role
    answer: str
    """The key of a row's true answer."""
    fewest: int = 100
    """Rows of the smallest draw: below, most classes have no row."""
    group: str | None = None
    """The key whose rows stay in one part."""


_TUNED, _KEPT = Role.TUNED, Role.KEPT

SETS = {
    each.name: each
    for each in (
        LabelledSet("banking77", "classification", _TUNED, "label", fewest=300),
        LabelledSet("pros_cons_feedback", "classification", _TUNED, "label"),
        LabelledSet("vetclaims_roles", "classification", _TUNED, "label", group="doc"),
        LabelledSet("goemotions", "classification", _TUNED, "labels"),
        LabelledSet("medical_abstracts", "classification", _KEPT, "label"),
        LabelledSet("german_court_area", "classification", _KEPT, "label"),
        LabelledSet("afrisenti_hau", "classification", _KEPT, "label"),
        LabelledSet("ncbi_disease", "extraction", _TUNED, "entities"),
        LabelledSet("ler_de", "extraction", _TUNED, "entities"),
        LabelledSet("wnut17", "extraction", _KEPT, "entities"),
        LabelledSet("europeana_nl", "extraction", _KEPT, "entities"),
        LabelledSet("squad2_small", "qa", _TUNED, "answers", group="title"),
    )
}
