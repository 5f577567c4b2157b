"""What a qualification found: a table for the terminal, a page for the docs, and JSON."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from burnish.bench import Machine
from burnish.bench.report import aligned
from tests.qualify.rows import Finding, Measurement

__all__ = ["Report"]

_HEADER = ["test", "best anchor", "our bar", "measured", "without the guard", "verdict", "when"]
_ABOUT = """\
# Qualification

`make qualify` writes this page; nothing in it is written by hand. Each row is a promise about the
service or about training. It is measured against real servers on the loopback address and real
trainings, and again, in a smaller size, against one whose guard is taken away
(`tests/qualify/weakened.py`): a control that does not fail its bar leaves the row *not proven*. A
row that does not hold stays in the table as *falls short*. Ratios are taken in one run. Callers and
server share the processors. A row may have been measured again (`--into`): *when* says which day
and hour (UTC) its figures are of.
"""
_LEFT_OUT = """\
Not in this table, for it concerns export: raw training text in a bundle.
"""
_QUICK = """\
**A quick run**: small sizes on tiny models. It shows that the rows work, not that the bars hold.
"""


@dataclass(frozen=True, slots=True)
class Report:
    """Findings, and where and when they were made."""

    findings: tuple[Finding, ...]
    machine: Machine
    date: str
    """Of the latest: ISO 8601, UTC."""
    seconds: float
    quick: bool

    @property
    def holds(self) -> bool:
        """Whether every row does."""
        return all(finding.verdict == "holds" for finding in self.findings)

    def to_json(self) -> dict[str, Any]:
        """As a JSON object."""
        return {
            "date": self.date,
            "quick": self.quick,
            "seconds": round(self.seconds, 1),
            "machine": self.machine.to_json(),
            "rows": [_row_json(finding) for finding in self.findings],
        }

    def text(self) -> str:
        """For the terminal."""
        lines = [f"burnish qualification, {self.date}", *self.machine.lines()]
        rows = [["row", "verdict", "our bar", "measured"]]
        rows += [[f.row.name, f.verdict, f.row.bar, f.measured.figure] for f in self.findings]
        return "\n".join([*lines, "", aligned(rows)]) + "\n"

    def page(self) -> str:
        """For the docs."""
        table = [_HEADER, ["---"] * len(_HEADER), *map(_cells, self.findings)]
        machine = "\n".join(f"- {line}" for line in (*self.machine.lines(), self._when()))
        parts = [_ABOUT, *([_QUICK] if self.quick else []), machine, self._summary()]
        rows = "\n".join(f"| {' | '.join(map(_escaped, row))} |" for row in table)
        return "\n\n".join([*(part.strip() for part in parts), rows, _LEFT_OUT.strip()]) + "\n"

    def write(self, file: Path, page: Path) -> None:
        """Write a JSON file, a text beside it, and the page."""
        file.parent.mkdir(parents=True, exist_ok=True)
        content = json.dumps(self.to_json(), indent=1)
        file.write_text(content + "\n", encoding="utf-8")
        file.with_suffix(".txt").write_text(self.text(), encoding="utf-8")
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(self.page(), encoding="utf-8")

    def _when(self) -> str:
        minutes = sum(finding.seconds for finding in self.findings) / 60
        return f"{_minute(self.date)} UTC; measuring took {minutes:.0f} minutes"

    def _summary(self) -> str:
        verdicts = [finding.verdict for finding in self.findings]
        counts = {name: verdicts.count(name) for name in ("holds", "falls short", "not proven")}
        return ", ".join(f"{name}: {count}" for name, count in counts.items()) + "."


def _cells(finding: Finding) -> list[str]:
    row, control = finding.row, finding.control
    without = "-" if control is None else f"{control.figure} ({', '.join(row.guards)})"
    verdict = finding.verdict if finding.verdict == "holds" else f"**{finding.verdict}**"
    when = _minute(finding.date)
    return [row.test, row.anchor, row.bar, finding.measured.figure, without, verdict, when]


def _minute(date: str) -> str:
    return date[:16].replace("T", " ")


def _escaped(cell: str) -> str:
    return cell.replace("|", "\\|").replace("<=", "≤").replace(">=", "≥").replace("\n", " ")


def _row_json(finding: Finding) -> dict[str, Any]:
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
        "seconds": round(finding.seconds, 1),
        "date": finding.date,
        "measured": plain(finding.measured),
        "control": plain(finding.control),
    }
