"""What a qualification found: a table for the terminal, a page for the docs, and JSON."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from burnish.bench import Machine
from burnish.bench.report import aligned
from qualification.rows import Finding, Measurement

__all__ = ["Report"]

_HEADER = [
    *("test", "best anchor", "our bar", "measured", "without the guard"),
    *("verdict", "when, where"),
]
_ABOUT = """\
# Qualification

`make qualify` writes this page; nothing in it is written by hand. Each row is a promise about the
service or about training. It is measured against real servers on the loopback address and real
trainings, and again, in a smaller size, against one whose guard is taken away
(`qualification/weakened.py`): a control that does not fail its bar leaves the row *not proven*. A
row that does not hold stays in the table as *falls short*. Ratios are taken in one run. Callers and
server share the processors. A row may have been measured again (`--into`): the last column says
when (UTC) and on which of these machines.
"""
_LEFT_OUT = """\
Not in this table, for it concerns export: raw training text in a bundle.
"""
_QUICK = """\
**A quick run**: small sizes on tiny models. It shows that the rows work, not that the bars hold.
"""


@dataclass(frozen=True, slots=True)
class Report:
    """Findings, where and when they were made."""

    findings: tuple[Finding, ...]
    quick: bool

    @property
    def machines(self) -> list[Machine]:
        """Where they were made, each once: the first row's first."""
        return list({_place(f.machine): f.machine for f in self.findings}.values())

    @property
    def holds(self) -> bool:
        """Whether every row does."""
        return all(finding.verdict == "holds" for finding in self.findings)

    def to_json(self) -> dict[str, Any]:
        """As a JSON object."""
        return {
            "quick": self.quick,
            "machines": [machine.to_json() for machine in self.machines],
            "rows": [_row_json(f, self._number(f)) for f in self.findings],
        }

    def text(self) -> str:
        """For the terminal."""
        lines = [line for machine in self.machines for line in machine.lines()]
        rows = [["row", "verdict", "our bar", "measured"]]
        rows += [[f.row.name, f.verdict, f.row.bar, f.measured.figure] for f in self.findings]
        return "\n".join([*lines, "", aligned(rows)]) + "\n"

    def page(self) -> str:
        """For the docs."""
        cells = [_cells(finding, self._number(finding)) for finding in self.findings]
        table = [_HEADER, ["---"] * len(_HEADER), *cells]
        machines = "\n".join(
            f"{number}. {'; '.join(machine.lines())}"
            for number, machine in enumerate(self.machines, 1)
        )
        parts = [_ABOUT, *([_QUICK] if self.quick else []), machines, self._summary()]
        rows = "\n".join(f"| {' | '.join(map(_escaped, row))} |" for row in table)
        return "\n\n".join([*(part.strip() for part in parts), rows, _LEFT_OUT.strip()]) + "\n"

    def write(self, file: Path) -> None:
        """Write a JSON file, and the page beside it."""
        file.parent.mkdir(parents=True, exist_ok=True)
        content = json.dumps(self.to_json(), indent=1)
        file.write_text(content + "\n", encoding="utf-8")
        file.with_suffix(".md").write_text(self.page(), encoding="utf-8")

    def _number(self, finding: Finding) -> int:
        """Of its machine, from 0."""
        return [_place(machine) for machine in self.machines].index(_place(finding.machine))

    def _summary(self) -> str:
        verdicts = [finding.verdict for finding in self.findings]
        counts = {name: verdicts.count(name) for name in ("holds", "falls short", "not proven")}
        return ", ".join(f"{name}: {count}" for name, count in counts.items()) + "."


def _place(machine: Machine) -> tuple[object, ...]:
    """What makes it another machine: not how much it had to do, nor what is installed."""
    return machine.processor, machine.usable_cpus, machine.system


def _cells(finding: Finding, machine: int) -> list[str]:
    row, control = finding.row, finding.control
    without = "-" if control is None else f"{control.figure} ({', '.join(row.guards)})"
    verdict = finding.verdict if finding.verdict == "holds" else f"**{finding.verdict}**"
    when = f"{_minute(finding.date)}, {machine + 1}"
    return [row.test, row.anchor, row.bar, finding.measured.figure, without, verdict, when]


def _minute(date: str) -> str:
    return date[:16].replace("T", " ")


def _escaped(cell: str) -> str:
    return cell.replace("|", "\\|").replace("<=", "≤").replace(">=", "≥").replace("\n", " ")


def _row_json(finding: Finding, machine: int) -> dict[str, Any]:
    row = finding.row

    def plain(measurement: Measurement | None) -> dict[str, Any] | None:
        return None if measurement is None else asdict(measurement)

    return {
        "name": row.name,
        "test": row.test,
        "anchor": row.anchor,
        "bar": row.bar,
        "guards": list(row.guards),
        "verdict": finding.verdict,
        "date": finding.date,
        "machine": machine,
        "measured": plain(finding.measured),
        "control": plain(finding.control),
    }
