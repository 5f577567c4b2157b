"""The qualification: ``python -m tests.qualify`` measures every promise about the service.

Prints a table, writes ``docs/qualification.md`` and ``build/qualification.json``, and exits with 1
where a row does not hold. ``--only ROW --into build/qualification.json`` measures a row again, and
leaves the others there as they are.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from burnish.bench import describe_machine
from tests.qualify.earlier import OtherRunError, merged, read_findings
from tests.qualify.report import Report
from tests.qualify.runner import run_rows
from tests.qualify.table import all_rows

PACKAGES = ("bentoml", "uvicorn", "starlette", "hypothesis", "schemathesis")


def main(arguments: list[str]) -> int:
    """Run what the command line asks for."""
    rows = all_rows()
    given = _parser([row.name for row in rows]).parse_args(arguments)
    begin = time.monotonic()

    def notify(note: str) -> None:
        print(f"{time.monotonic() - begin:6.0f} s  {note}", file=sys.stderr, flush=True)

    machine = describe_machine(*PACKAGES)
    try:
        before = (
            read_findings(given.into, rows, machine=machine, quick=given.quick)
            if given.into
            else []
        )
    except OtherRunError as error:
        print(error, file=sys.stderr)
        return 2
    wanted = [row for row in rows if not given.only or row.name in given.only]
    now = run_rows(wanted, quick=given.quick, controls=not given.no_controls, notify=notify)
    findings = tuple(merged(rows, before, now))
    date = max(finding.date for finding in findings)
    report = Report(findings, machine, date, time.monotonic() - begin, given.quick)
    print(report.text())
    whole = len(findings) == len(rows) and not (given.quick or given.no_controls)
    file = given.into or given.out / "qualification.json"
    # A part of the table, or small sizes, is not what the docs publish.
    page = Path("docs/qualification.md") if whole else file.with_suffix(".md")
    report.write(file, given.page or page)
    return 0 if report.holds else 1


def _parser(names: list[str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.qualify", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small sizes on tiny models")
    parser.add_argument("--only", action="append", choices=names, metavar="ROW", help="repeatable")
    parser.add_argument("--no-controls", action="store_true", help="without negative controls")
    parser.add_argument("--out", type=Path, default=Path("build"), metavar="DIR")
    parser.add_argument("--into", type=Path, metavar="FILE", help="put rows into an earlier JSON")
    parser.add_argument("--page", type=Path, metavar="FILE", help="docs/qualification.md")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
