"""All that a comparison found, and its tables."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from benchmarks.peers.agreement import Agreement
from benchmarks.peers.faults import FaultRow
from benchmarks.peers.figures import Figure
from benchmarks.peers.plan import CALLERS, THREADS, WORKLOADS
from benchmarks.peers.scheduler import SchedulerRow
from benchmarks.peers.subjects import baseline
from benchmarks.plan import PRECISIONS
from burnish.bench import Machine

__all__ = ["Results", "Start", "Table"]

MEGABYTE = 1e6
NONE = "-"
BATCHING = "BentoML"
PADDED = "TEI's way"
MOST = max(CALLERS)
Table = list[list[str]]


@dataclass(frozen=True, slots=True)
class Start:
    """Whether a subject could be measured, and what its server takes."""

    subject: str
    state: str
    """``measured``, or why not."""
    ready_s: float | None = None
    """Until its first answer."""
    idle_ms_per_s: float | None = None
    """Processor time while nobody asks."""
    held_bytes: int | None = None
    """After all loads; pages that its processes share are counted once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """Figures of a whole run."""

    plan: str
    machine: Machine
    load_after: float
    starts: tuple[Start, ...]
    agreements: tuple[Agreement, ...]
    figures: tuple[Figure, ...]
    schedulers: tuple[SchedulerRow, ...]
    faults: tuple[FaultRow, ...]
    stalled: dict[str, tuple[int, bool]]
    """By subject: how many of 20 stalled connections it closed, and whether it answered."""

    def to_json(self) -> dict[str, Any]:
        """As a JSON object."""
        return {
            "plan": self.plan,
            "threads": THREADS,
            "machine": self.machine.to_json(),
            "load_after": self.load_after,
            "starts": list(map(asdict, self.starts)),
            "agreements": list(map(asdict, self.agreements)),
            "figures": list(map(asdict, self.figures)),
            "best": self.best(),
            "schedulers": list(map(asdict, self.schedulers)),
            "faults": list(map(asdict, self.faults)),
            "stalled": {
                name: {"closed": closed, "answered_meanwhile": answered}
                for name, (closed, answered) in self.stalled.items()
            },
        }

    def tables(self) -> dict[str, Table]:
        """Tables by title, the header's row first."""
        return {
            "Servers": [_START_HEADER, *map(self._start_row, self.starts)],
            **{
                _load_title(workload, callers): [
                    _LOAD_HEADER,
                    *(_load_row(f) for f in self._figures(workload, callers)),
                ]
                for workload in WORKLOADS
                for callers in CALLERS
            },
            f"burnish against the best others, {MOST} callers (above 1: burnish is better)": [
                _BEST_HEADER,
                *map(_best_row, self.best()),
            ],
            "Schedulers: CPU-ms a text, from text to scores": [
                _SCHEDULER_HEADER,
                *map(self._scheduler_row, self.schedulers),
            ],
            "Faults": [_FAULT_HEADER, *map(self._fault_row, self.faults)],
        }

    def best(self) -> list[dict[str, Any]]:
        """burnish against the best peer and the padded design, by rate and by processor time."""
        return [
            {"workload": workload, "precision": precision}
            | self._against("peer", workload, precision)
            | self._against("padded", workload, precision)
            for workload in WORKLOADS
            for precision in PRECISIONS
        ]

    def _against(self, kind: str, workload: str, precision: str) -> dict[str, Any]:
        """The fastest and the cheapest of a kind, and how many times burnish is better."""
        others = [
            f
            for f in self._figures(workload, MOST)
            if f.precision == precision and f.subject != baseline(f.precision)
        ]
        if kind == "padded":
            others = [f for f in others if f.subject.startswith(PADDED)]
        rates = {f.subject: f.rate_to_burnish for f in others if f.rate_to_burnish}
        costs = {f.subject: f.cpu_to_burnish for f in others if f.cpu_to_burnish}
        fastest = max(rates, key=lambda name: rates[name], default=None)
        cheapest = min(costs, key=lambda name: costs[name], default=None)
        return {
            f"fastest_{kind}": fastest,
            f"rate_over_{kind}": 1 / rates[fastest] if fastest else None,
            f"cheapest_{kind}": cheapest,
            f"cpu_of_{kind}_over_ours": costs[cheapest] if cheapest else None,
        }

    def _figures(self, workload: str, callers: int) -> Iterator[Figure]:
        return (f for f in self.figures if (f.workload, f.callers) == (workload, callers))

    def _start_row(self, start: Start) -> list[str]:
        same = next((a for a in self.agreements if a.subject == start.subject), None)
        held = None if start.held_bytes is None else start.held_bytes / MEGABYTE
        return [
            start.subject,
            start.state,
            f"{same.same_labels} of {same.texts}" if same else NONE,
            f"{same.largest_difference:.0e}" if same else NONE,
            _number(start.ready_s, 1),
            _number(start.idle_ms_per_s, 1),
            _number(held, 0),
        ]

    def _scheduler_row(self, row: SchedulerRow) -> list[str]:
        served = {f.subject: f.cpu_ms for f in self._figures(row.workload, MOST)}
        peers = (baseline(row.precision), f"{BATCHING} {row.precision}")
        return [
            row.precision,
            row.workload,
            *(_number(row.cpu_ms[name], 2) for name in _DESIGNS),
            *(_number(served.get(name), 2) for name in peers),
        ]

    def _fault_row(self, row: FaultRow) -> list[str]:
        closed, answered = self.stalled[row.subject]
        return [
            row.subject.removesuffix(" fp32"),
            row.list_with_empty,
            _status(row.poison_status),
            f"{row.neighbours_failed} of {row.neighbours}",
            f"{_status(row.big_status)}, {row.big_ms:.0f} ms",
            f"{row.big_grown_bytes / MEGABYTE:+.0f}",
            f"{_status(row.deep_status)}, {row.deep_ms:.0f} ms",
            f"{closed} of 20{'' if answered else ', no answer meanwhile'}",
            "yes" if row.alive_after else "**no**",
        ]


_START_HEADER = ["server", "state", "labels as burnish", "largest score difference"]
_START_HEADER += ["ready s", "idle CPU-ms/s", "MB"]
_LOAD_HEADER = ["server", "texts/s", "p50 ms", "p99 ms", "CPU-ms a text", "CPU / burnish"]
_LOAD_HEADER += ["texts/s / burnish", "other label", "other scores", "samples", "failed"]
_BEST_HEADER = ["texts", "precision", "fastest peer", "texts/s over it"]
_BEST_HEADER += [
    "cheapest peer",
    "its CPU / burnish",
    "texts/s over TEI's way",
    "its CPU / burnish",
]
_DESIGNS = ("one by one", "padded 8", "padded 32", "burnish")
_SCHEDULER_HEADER = ["precision", "texts", "one by one", "padded 8", "padded 32", "burnish"]
_SCHEDULER_HEADER += ["burnish served", "BentoML batchable served"]
_FAULT_HEADER = ["server", "empty text in a list", "half an emoji", "its neighbours failed"]
_FAULT_HEADER += ["2 MiB text", "MB more after it", "JSON 10^6 deep", "stalled headers closed"]
_FAULT_HEADER += ["alive after"]


def _load_title(workload: str, callers: int) -> str:
    names = {"short": "Short texts", "long": "Long texts", "mixed": "Mixed lengths"}
    return f"{names[workload]}, {callers} caller{'s' if callers > 1 else ''}"


def _load_row(figure: Figure) -> list[str]:
    return [
        figure.subject,
        _number(figure.per_s, 1),
        _number(figure.p50_ms, 1),
        _number(figure.p99_ms, 1),
        _number(figure.cpu_ms, 2),
        _number(figure.cpu_to_burnish, 2),
        _number(figure.rate_to_burnish, 2),
        _percent(figure.changed_labels),
        _percent(figure.changed_scores),
        str(figure.answered),
        str(figure.failed),
    ]


def _best_row(row: dict[str, Any]) -> list[str]:
    return [
        row["workload"],
        row["precision"],
        row["fastest_peer"] or NONE,
        _number(row["rate_over_peer"], 2),
        row["cheapest_peer"] or NONE,
        _number(row["cpu_of_peer_over_ours"], 2),
        _number(row["rate_over_padded"], 2),
        _number(row["cpu_of_padded_over_ours"], 2),
    ]


def _number(value: float | None, digits: int) -> str:
    return NONE if value is None else f"{value:.{digits}f}"


def _percent(value: float | None) -> str:
    return NONE if value is None else f"{100 * value:.1f} %"


def _status(status: int) -> str:
    return str(status) if status else "no reply"
