"""Rows that were measured before: a row can be measured again without all the others."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from burnish.bench import Machine
from qualification.rows import Finding, Measurement, Row

__all__ = ["OtherRunError", "merged", "read_findings"]


class OtherRunError(Exception):
    """What was measured there cannot stand in one table with what is measured here."""


def read_findings(file: Path, rows: Sequence[Row], *, quick: bool) -> list[Finding]:
    """The findings in a ``qualification.json``; of rows that are no longer measured, none.

    Each keeps its date, its machine, and the words of its row as they were then.

    Raises:
        OtherRunError: it is of other sizes, or it is no such file.
    """
    try:
        content: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        if content["quick"] != quick:
            raise OtherRunError(f"{file}: one is a quick run, the other is not")
        known = {row.name: row for row in rows}
        machines = [_machine(found) for found in content["machines"]]
        return [
            _finding(known[found["name"]], found, machines[found["machine"]])
            for found in content["rows"]
            if found["name"] in known
        ]
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise OtherRunError(f"{file}: no qualification can be read from it: {error!r}") from error


def merged(rows: Sequence[Row], before: Sequence[Finding], now: Sequence[Finding]) -> list[Finding]:
    """Findings in the table's order; what is measured now replaces what was before."""
    found = {finding.row.name: finding for finding in (*before, *now)}
    return [found[row.name] for row in rows if row.name in found]


def _machine(found: Mapping[str, Any]) -> Machine:
    return Machine(**{**found, "instructions": tuple(found["instructions"])})


def _finding(row: Row, found: Mapping[str, Any], machine: Machine) -> Finding:
    then = {name: found[name] for name in ("test", "anchor", "bar")}
    return Finding(
        replace(row, **then, guards=tuple(found["guards"])),
        Measurement(**found["measured"]),
        Measurement(**found["control"]) if found["control"] else None,
        found["date"],
        machine,
    )
