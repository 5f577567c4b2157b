"""Gates as a person and a program read them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from burnish.cli.terminal import format_table

if TYPE_CHECKING:
    from burnish.gates import Gate

__all__ = ["format_gates", "gate_document"]


def format_gates(gates: Sequence[Gate]) -> str:
    """One row a gate."""
    rows = [[g.name, f"{g.value:.4g}", _limit(g), _verdict(g), _detail(g)] for g in gates]
    return format_table(["gate", "value", "limit", "", "what it is"], rows)


def gate_document(gate: Gate) -> dict[str, Any]:
    """What a failure says of a gate in JSON."""
    return gate.model_dump(mode="json", include={"name", "value", "threshold", "passed"})


def _detail(gate: Gate) -> str:
    return gate.detail if gate.reason is None else f"{gate.detail} (reason: {gate.reason})"


def _limit(gate: Gate) -> str:
    return "" if gate.threshold is None else f"{gate.threshold:g}"


def _verdict(gate: Gate) -> str:
    if gate.passed:
        return "recorded" if gate.threshold is None else "passed"
    if gate.reason is not None:
        return "overridden"
    return "warning" if gate.severity == "warn" else "failed"
