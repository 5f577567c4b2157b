"""Aims: what thresholds are tuned for, ``f1``, ``precision>=0.95`` or ``recall>=0.9``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import numpy as np
import numpy.typing as npt
from pydantic import AfterValidator

__all__ = ["ENOUGH", "Aim", "AimText", "Cut", "cut_for", "read_aim"]

ENOUGH = 20
"""True rows from which a label gets a threshold of its own; fewer would fit noise."""

_FORM = re.compile(r"(precision|recall)\s*>=\s*(\d*\.?\d+)")


@dataclass(frozen=True, slots=True)
class Aim:
    """A precision or a recall to reach while the other stays as high as possible."""

    kind: Literal["f1", "precision", "recall"]
    least: float = 0.0


@dataclass(frozen=True, slots=True)
class Cut:
    """The least score of an answer that is given."""

    threshold: float
    reached: bool
    """Whether the rows that it was tuned on reach the aim."""


def read_aim(text: str) -> Aim:
    """Read an aim.

    Raises:
        ValueError: it is none.
    """
    if text == "f1":
        return Aim("f1")
    found = _FORM.fullmatch(text)
    if not found or not 0 < float(found[2]) < 1:
        raise ValueError("must be f1, precision>=P or recall>=R, with a number between 0 and 1")
    return Aim("precision" if found[1] == "precision" else "recall", float(found[2]))


def cut_for(
    aim: Aim,
    scores: npt.NDArray[Any],
    right: npt.NDArray[np.bool_],
    *,
    total: int | None = None,
) -> Cut:
    """The threshold that reaches an aim: the lowest for a precision, the highest for a recall.

    Args:
        aim: a precision or a recall.
        scores: (answers,) any numbers that are higher for surer answers.
        right: (answers,) whether each is right.
        total: how many right answers there are in all, for the recall; None: those given.

    Returns:
        A threshold midway between two scores. If no threshold reaches the aim, the one with the
        highest precision, or the one that gives every answer.
    """
    if not len(scores):
        return Cut(0.0, reached=False)
    order = np.argsort(-scores, kind="stable")
    ranked = scores[order]
    hits = np.cumsum(right[order])
    last = np.append(ranked[1:] < ranked[:-1], True)  # equal scores pass or fail together
    counts = np.arange(1, len(ranked) + 1)
    if aim.kind == "precision":
        values, pick = hits / counts, -1
    else:
        values, pick = hits / max(1, int(hits[-1]) if total is None else total), 0
    enough = np.flatnonzero(last & (values >= aim.least))
    if len(enough):
        place = int(enough[pick])
    else:
        best = np.where(last, values, -1.0)
        place = int(np.flatnonzero(best == best.max())[-1])
    below = ranked[place + 1] if place + 1 < len(ranked) else ranked[place]
    return Cut(float((ranked[place] + below) / 2), reached=bool(len(enough)))


def _checked(text: str) -> str:
    read_aim(text)
    return text.replace(" ", "")


AimText = Annotated[str, AfterValidator(_checked)]
"""An aim as text, in a recipe and a manifest."""
