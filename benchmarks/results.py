"""All that a run found: as tables for a person, and as one JSON document."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from benchmarks.cells import BundleFigures, Cell
from benchmarks.comparisons import BatchRow, EngineRow
from burnish.bench import Machine
from burnish.bench.report import aligned

__all__ = ["Results"]

MEGABYTE = 1e6
Table = list[list[str]]


@dataclass(frozen=True, slots=True)
class Results:
    """Figures of a whole run."""

    tiny: bool
    machine: Machine
    bundles: tuple[BundleFigures, ...]
    engines: tuple[EngineRow, ...]
    batches: tuple[BatchRow, ...]

    def to_json(self) -> dict[str, Any]:
        """As a JSON object; ratios stand beside the figures that they are made of."""
        return {
            "tiny": self.tiny,
            "machine": self.machine.to_json(),
            "bundles": [
                asdict(b) | {"cells": [asdict(c) | {"ratios": _ratios(c)} for c in b.cells]}
                for b in self.bundles
            ],
            "engines": [asdict(row) | {"ratios": _speed_ups(row)} for row in self.engines],
            "batches": [asdict(row) | {"ratios": _batch_ratios(row)} for row in self.batches],
        }

    def tables(self) -> dict[str, Table]:
        """Tables by title, the header's row first."""
        return {
            "Bundles": [_BUNDLE_HEADER, *map(_bundle_row, self.bundles)],
            "Latency: runtime and HTTP called in turn, one caller, wall clock, ms": [
                _LATENCY_HEADER,
                *(_latency_row(cell) for cell in self._cells()),
            ],
            "Cost of serving: CPU-ms a request; and requests a second over HTTP": [
                _COST_HEADER,
                *(_cost_row(cell) for cell in self._cells()),
            ],
            "Engines: CPU-ms a text, one thread, one text at a time, in turn": [
                _ENGINE_HEADER,
                *map(_engine_row, self.engines),
            ],
            "Batches: CPU-ms a text of mixed lengths, in first-come padded batches": [
                _BATCH_HEADER,
                *map(_batch_row, self.batches),
            ],
        }

    def text(self) -> str:
        """All tables, under a description of the machine."""
        size = "tiny bundles: these times mean nothing" if self.tiny else "MiniLM shape, 6 x 384"
        parts = ["\n".join([f"burnish benchmarks, {size}", *self.machine.lines()])]
        parts += [f"{title}\n\n{aligned(table)}" for title, table in self.tables().items()]
        return "\n\n".join(parts) + "\n"

    def _cells(self) -> Iterator[Cell]:
        for bundle in self.bundles:
            yield from bundle.cells


_BUNDLE_HEADER = ["task", "precision", "size MB", "import s", "load s", "peak MB"]
_BUNDLE_HEADER += ["server ready s", "server MB"]


def _bundle_row(bundle: BundleFigures) -> list[str]:
    loading = bundle.loading
    return [
        bundle.task,
        bundle.precision,
        f"{bundle.size_bytes / MEGABYTE:.1f}",
        f"{loading.import_s:.2f}",
        f"{loading.load_s:.2f}",
        f"{loading.peak_bytes / MEGABYTE:.0f}",
        f"{bundle.ready_s:.2f}",
        f"{bundle.server_bytes / MEGABYTE:.0f}",
    ]


_LATENCY_HEADER = ["task", "precision", "tokens", "windows", "runtime p50", "p95", "p99"]
_LATENCY_HEADER += ["HTTP p50", "p95", "p99", "HTTP/runtime", "calls"]


def _latency_row(cell: Cell) -> list[str]:
    runtime, http = cell.runtime, cell.http
    times = (runtime.p50_ms, runtime.p95_ms, runtime.p99_ms, http.p50_ms, http.p95_ms, http.p99_ms)
    return [
        *_cell_name(cell),
        str(cell.windows),
        *(f"{ms:.2f}" for ms in times),
        f"{_ratios(cell)['http_to_runtime_p50']:.2f}",
        str(http.samples),
    ]


_COST_HEADER = ["task", "precision", "tokens", "bare session", "server", "above bare"]
_COST_HEADER += ["req/s, 1 caller", "4 callers", "16 callers"]


def _cost_row(cell: Cell) -> list[str]:
    costs = (cell.bare_cpu_ms, cell.server_cpu_ms, cell.above_bare_cpu_ms)
    rates = cell.requests_per_s.values()
    return [*_cell_name(cell), *(f"{ms:.2f}" for ms in costs), *(f"{rate:.1f}" for rate in rates)]


_ENGINE_HEADER = ["task", "tokens", "torch", "ONNX fp32", "ONNX int8"]
_ENGINE_HEADER += ["torch/fp32", "fp32/int8", "torch/int8"]


def _engine_row(row: EngineRow) -> list[str]:
    return [
        row.task,
        str(row.tokens),
        *(f"{row.cpu_ms[name]:.2f}" for name in ("torch", "fp32", "int8")),
        *(f"{ratio:.2f}" for ratio in _speed_ups(row).values()),
    ]


_BATCH_HEADER = ["task", "precision", "one by one", "of 8", "of 32", "8/one", "32/one"]


def _batch_row(row: BatchRow) -> list[str]:
    return [
        row.task,
        row.precision,
        *(f"{ms:.2f}" for ms in row.cpu_ms.values()),
        *(f"{ratio:.2f}" for ratio in _batch_ratios(row).values()),
    ]


def _cell_name(cell: Cell) -> Sequence[str]:
    return cell.task, cell.precision, str(cell.tokens)


def _ratios(cell: Cell) -> dict[str, float]:
    return {
        "http_to_runtime_p50": cell.http.p50_ms / cell.runtime.p50_ms,
        "server_to_bare_cpu": cell.server_cpu_ms / cell.bare_cpu_ms,
    }


def _speed_ups(row: EngineRow) -> dict[str, float]:
    torch, fp32, int8 = (row.cpu_ms[name] for name in ("torch", "fp32", "int8"))
    return {
        "torch_to_fp32": torch / fp32,
        "fp32_to_int8": fp32 / int8,
        "torch_to_int8": torch / int8,
    }


def _batch_ratios(row: BatchRow) -> dict[str, float]:
    one = row.cpu_ms[1]
    return {f"{size}_to_one": ms / one for size, ms in row.cpu_ms.items() if size > 1}
