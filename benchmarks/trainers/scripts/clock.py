"""The clock of a trainer's script: a line of JSON on standard output at every validation score."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any


class Clock:
    """Counts from when it is made: after the imports, before the data is read."""

    def __init__(self) -> None:
        self._wall, self._cpu = time.perf_counter(), time.process_time()

    def scored(self, score: float) -> None:
        """Write the time that it took to come to a score."""
        wall_s, cpu_s = time.perf_counter() - self._wall, time.process_time() - self._cpu
        line = {"score": score, "wall_s": round(wall_s, 3), "cpu_s": round(cpu_s, 3)}
        print(json.dumps(line), flush=True)


def rows(path: str) -> list[dict[str, Any]]:
    """The rows of a file of JSON lines."""
    return [json.loads(line) for line in Path(path).read_text(encoding="utf-8").splitlines()]


def accuracy(given: Sequence[Any], right: Sequence[Any]) -> float:
    """The share that is right."""
    return sum(a == b for a, b in zip(given, right, strict=True)) / len(right)
