"""What a manifest records of the self-test: answers at export, and how near a replay must come."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

__all__ = [
    "EitherProbe",
    "EntitiesProbe",
    "LabelsProbe",
    "ProbeAnswer",
    "Probes",
    "ScoreProbe",
    "StretchProbe",
    "Unanswered",
    "WrittenProbe",
]

Score = Annotated[float, Field(ge=0, le=1)]
Offset = Annotated[int, Field(ge=0)]


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class _Seen(_Closed):
    tokens: int
    windows: int


class LabelsProbe(_Seen):
    """The labels given to a text, and the scores that decided it."""

    kind: Literal["labels"] = "labels"
    labels: tuple[str, ...]
    scores: dict[str, Score]
    """Of the labels given, the best ones, and those that nearly were given."""


class EntitiesProbe(_Seen):
    """The entities found in a text."""

    kind: Literal["entities"] = "entities"
    entities: tuple[tuple[str, Offset, Offset, Score], ...]
    """Label, start, end and score."""
    close: bool
    """A change of the logits within the tolerance finds others."""


class StretchProbe(_Seen):
    """The two best answers of a question, best first; 0 to 0: the context holds none."""

    kind: Literal["stretches"] = "stretches"
    answers: Annotated[tuple[tuple[Offset, Offset, Score], ...], Field(min_length=1, max_length=2)]
    """Start, end and score."""


class ScoreProbe(_Seen):
    """The score of a text, in the unit of the training rows."""

    kind: Literal["score"] = "score"
    score: float


class WrittenProbe(_Seen):
    """The text written for a text."""

    kind: Literal["written"] = "written"
    text: str
    score: Score


class EitherProbe(_Seen):
    """Rounding decides which of a cascade's two models answers this probe, and either may."""

    kind: Literal["either"] = "either"


class Unanswered(_Closed):
    """The model cannot read this probe: of a small window, or of another script."""

    kind: Literal["unanswered"] = "unanswered"


ProbeAnswer = Annotated[
    LabelsProbe
    | EntitiesProbe
    | StretchProbe
    | ScoreProbe
    | WrittenProbe
    | EitherProbe
    | Unanswered,
    Field(discriminator="kind"),
]
"""What was answered to one probe."""


class Probes(_Closed):
    """The recorded answers of a bundle."""

    set: Literal["neutral-1"]
    """Which texts were asked."""
    tolerance: Annotated[float, Field(gt=0, le=0.2)]
    """How far a score may lie from the recorded one."""
    answers: tuple[ProbeAnswer, ...]
    """One a probe, in order."""
