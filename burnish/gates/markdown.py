"""Gates as a model card shows them."""

from __future__ import annotations

from collections.abc import Iterable

from burnish.gates.judging import limit_of
from burnish.gates.record import Gate

__all__ = ["gate_table"]


def gate_table(gates: Iterable[Gate]) -> list[str]:
    """The lines of a Markdown table, one row per gate; what did not pass stands out."""
    return [
        "| gate | value | limit | verdict | meaning |",
        "|---|---|---|---|---|",
        *map(_row, gates),
    ]


def _row(gate: Gate) -> str:
    verdict = gate.verdict if gate.passed else f"**{gate.verdict}**"
    told = gate.told.replace("|", "\\|").replace("\n", " ")
    return f"| {gate.name} | {gate.figure()} | {limit_of(gate)} | {verdict} | {told} |"
