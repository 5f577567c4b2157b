"""Results, one JSON file per draw and contender, small enough to be kept with the code.

They hold numbers alone, none of a set's texts.
"""

from __future__ import annotations

import base64
import json
import zlib
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from burnish.arrays import DoubleArray

__all__ = ["Outcome", "keep", "load", "outcomes", "pack"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a contender reached on a draw."""

    set: str
    rows: int | None
    seed: int
    contender: str
    base: str
    score: float
    credits: str
    """(test rows, 2) hits and weight, packed."""
    chosen: str
    wall_s: float
    cpu_s: float
    """Of all its processes."""
    commit: str = ""
    """burnish's, whoever the contender is."""

    @property
    def array(self) -> DoubleArray:
        """The credits, (test rows, 2)."""
        plain = np.frombuffer(zlib.decompress(base64.b64decode(self.credits)), dtype="<f4")
        return plain.reshape(-1, 2).astype(np.float64)


def pack(each: DoubleArray) -> str:
    """Text of an array's single-precision numbers."""
    plain = np.round(each, 4).astype("<f4").tobytes()
    return base64.b64encode(zlib.compress(plain, 9)).decode("ascii")


def keep(path: Path, outcome: Outcome) -> None:
    """Write a result, all of it or nothing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(asdict(outcome)) + "\n", encoding="utf-8")
    fresh.replace(path)


def load(path: Path) -> Outcome:
    """A kept result."""
    return Outcome(**json.loads(path.read_text(encoding="utf-8")))


def outcomes(directory: Path) -> list[Outcome]:
    """All kept results, in the order of their files' names."""
    return [load(path) for path in sorted(directory.glob("*.json"))]
