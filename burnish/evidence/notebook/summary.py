"""The summary that a notebook shows in a run's or a bundle's place: a short piece of HTML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from jinja2 import Environment

from burnish.bundle import Bundle
from burnish.evidence.templates import html_templates
from burnish.gates import Gate, limit_of
from burnish.plural import plural
from burnish.run import Run
from burnish.tasks.evaluation import Evaluation, distinct
from burnish.tasks.intervals import Interval

__all__ = ["bundle_html", "run_html"]

_PARTS = ("validation", "test")
_MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class _Summary:
    title: str
    facts: str
    header: tuple[str, ...]
    scores: tuple[tuple[str, ...], ...]
    """One row per metric."""
    gates: tuple[Gate, ...]
    paths: Mapping[str, str]

    @property
    def noted(self) -> tuple[Gate, ...]:
        """The gates to look at: all but those that passed or only record."""
        return tuple(gate for gate in self.gates if gate.verdict not in ("passed", "recorded"))

    def count(self, verdict: str) -> int:
        return sum(gate.verdict == verdict for gate in self.gates)


def run_html(run: Run) -> str:
    """A run's scores with intervals beside the linear probe's, its gates and its paths."""
    own = _evaluations(run.metrics)
    rivals = distinct({"probe": _evaluations(run.metrics.get("baseline") or {})}, own)
    parts = own | {
        f"{part}, {name}": each for name, found in rivals.items() for part, each in found.items()
    }
    names = list(next(iter(own.values())).metrics)
    return _render(
        _Summary(
            title=f"Run {run.path.name}",
            facts=f"{run.record.task.task}, {run.record.method}",
            header=(
                "",
                *(f"{name} ({plural(each.rows, '# [row|rows]')})" for name, each in parts.items()),
            ),
            scores=tuple(
                (name, *(_interval(each.metrics.get(name)) for each in parts.values()))
                for name in names
            ),
            gates=_gates(run.metrics.get("gates", ())),
            paths={"run": str(run.path), "report": str(run.path / "report.html")},
        )
    )


def bundle_html(bundle: Bundle) -> str:
    """A bundle's scores, its gates and its path."""
    manifest = bundle.manifest
    parts = {
        part: manifest.metrics[part]
        for part in _PARTS
        if isinstance(manifest.metrics.get(part), Mapping)
    }
    names = list(next(iter(parts.values()), {}))
    size = sum(entry.size_bytes for entry in manifest.files.values()) / _MIB
    return _render(
        _Summary(
            title=f"Bundle {manifest.name or bundle.path.name}",
            facts=f"{manifest.task.task}, {manifest.precision}, {size:.1f} MiB",
            header=("", *parts),
            scores=tuple(
                (name, *(_value(each.get(name)) for each in parts.values())) for name in names
            ),
            gates=manifest.gates,
            paths={"bundle": str(bundle.path)},
        )
    )


def _evaluations(metrics: Mapping[str, Any]) -> dict[str, Evaluation]:
    return {part: Evaluation.from_json(metrics[part]) for part in _PARTS if part in metrics}


def _gates(entries: Sequence[object]) -> tuple[Gate, ...]:
    return tuple(Gate.model_validate(entry) for entry in entries)


def _interval(found: Interval | None) -> str:
    return "" if found is None else f"{found.value:.3f} [{found.low:.3f}, {found.high:.3f}]"


def _value(found: object) -> str:
    return f"{found:.3f}" if isinstance(found, int | float) else ""


def _render(summary: _Summary) -> str:
    return _environment().get_template("summary.html").render(summary=summary)


@cache
def _environment() -> Environment:
    environment = html_templates("burnish.evidence.notebook")
    environment.filters["limit"] = limit_of
    return environment
