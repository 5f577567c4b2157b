"""Gates as a model card shows them."""

from __future__ import annotations

from collections.abc import Iterable

from burnish.gates.record import Gate

__all__ = ["gate_table"]


def gate_table(gates: Iterable[Gate]) -> list[str]:
    """The lines of a Markdown table, one row a gate; what did not hold stands out."""
    return ["| gate | figure | threshold | | |", "|---|---|---|---|---|", *map(_row, gates)]


def _row(gate: Gate) -> str:
    threshold = "" if gate.threshold is None else f"{gate.threshold:g}"
    verdict = gate.verdict if gate.passed else f"**{gate.verdict}**"
    told = gate.told.replace("|", "\\|").replace("\n", " ")
    return f"| {gate.name} | {gate.value:.4g} | {threshold} | {verdict} | {told} |"
