"""Gates as a person and a program read them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from burnish.cli.terminal import format_table

if TYPE_CHECKING:
    from burnish.gates import Gate

__all__ = ["format_gates", "gate_document"]


def format_gates(gates: Sequence[Gate]) -> str:
    """One row per gate."""
    from burnish.gates import limit_of

    rows = [[g.name, g.figure(), limit_of(g), g.verdict, g.told] for g in gates]
    return format_table(["gate", "value", "limit", "", "meaning"], rows)


def gate_document(gate: Gate) -> dict[str, Any]:
    """What a failure says of a gate in JSON."""
    return gate.model_dump(mode="json", include={"name", "value", "threshold", "passed"})
