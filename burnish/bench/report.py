"""What a bench found: as JSON, and as a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from burnish.bench.loading import Loading
from burnish.bench.machine import Machine
from burnish.bench.timing import Latency

__all__ = ["BenchReport", "LengthFigures", "aligned"]

_MEGABYTE = 1e6


@dataclass(frozen=True, slots=True)
class LengthFigures:
    """Figures of inputs of one length."""

    tokens: int
    windows: int
    """How many windows the model read an input in."""
    latency: Latency
    """Of one caller, on the wall clock."""
    texts_per_s: dict[int, float]
    """By number of callers."""

    def to_json(self) -> dict[str, Any]:
        """As a JSON object."""
        rates = {str(callers): rate for callers, rate in self.texts_per_s.items()}
        return {
            "tokens": self.tokens,
            "windows": self.windows,
            **asdict(self.latency),
            "texts_per_s": rates,
        }


@dataclass(frozen=True, slots=True)
class BenchReport:
    """Figures of one bundle on one machine."""

    name: str
    task: str
    precision: str
    digest: str
    max_length: int
    threads: int
    size_bytes: int
    """Of all files of the bundle."""
    loading: Loading
    machine: Machine
    lengths: tuple[LengthFigures, ...]

    def to_json(self) -> dict[str, Any]:
        """As a JSON object."""
        return {
            "bundle": self.name,
            "task": self.task,
            "precision": self.precision,
            "digest": self.digest,
            "max_length": self.max_length,
            "threads": self.threads,
            "size_bytes": self.size_bytes,
            **asdict(self.loading),
            "lengths": [figures.to_json() for figures in self.lengths],
            "machine": self.machine.to_json(),
        }

    def table(self) -> str:
        """As text: what was measured, where, and a row a length."""
        callers = list(self.lengths[0].texts_per_s)
        header = ["tokens", "windows", "p50 ms", "p95 ms", "p99 ms"]
        header += [f"texts/s, {n} caller{'s' * (n > 1)}" for n in callers]
        rows = [_row(figures) for figures in self.lengths]
        return "\n".join([*self._lines(), "", aligned([header, *rows])])

    def _lines(self) -> Sequence[str]:
        threads = f"{self.threads} thread{'s' * (self.threads > 1)}"
        times = f"import {self.loading.import_s:.2f} s, load {self.loading.load_s:.2f} s"
        size, peak = self.size_bytes / _MEGABYTE, self.loading.peak_bytes / _MEGABYTE
        return (
            f"{self.name}: {self.task}, {self.precision}, windows of {self.max_length}, {threads}",
            f"{size:.1f} MB on disk; {times}; peak memory {peak:.0f} MB",
            *self.machine.lines(),
        )


def aligned(rows: Sequence[Sequence[str]]) -> str:
    """Columns to the right, two spaces apart."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True))
        for row in rows
    )


def _row(figures: LengthFigures) -> list[str]:
    latency = figures.latency
    times = [f"{ms:.2f}" for ms in (latency.p50_ms, latency.p95_ms, latency.p99_ms)]
    rates = [f"{rate:.1f}" for rate in figures.texts_per_s.values()]
    return [str(figures.tokens), str(figures.windows), *times, *rates]
