"""The qualification: ``python -m qualification`` measures every promise about the service.

Prints a table, writes ``docs/lab/qualification.md`` and ``.json``, and exits with 1 if a row does
not hold. ``--only ROW --into docs/lab/qualification.json`` measures a row again, in the file and on
its page, and leaves the others as they are. ``--quick``, ``--no-controls`` and a part of the table
go to ``build/``.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from burnish.bench import describe_machine
from qualification.earlier import OtherRunError, merged, read_findings
from qualification.report import Report
from qualification.runner import run_rows
from qualification.table import all_rows

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
        before = read_findings(given.into, rows, quick=given.quick) if given.into else []
    except OtherRunError as error:
        print(error, file=sys.stderr)
        return 2
    wanted = [row for row in rows if not given.only or row.name in given.only]
    now = run_rows(
        wanted,
        machine=machine,
        quick=given.quick,
        controls=not given.no_controls,
        notify=notify,
    )
    report = Report(tuple(merged(rows, before, now)), given.quick)
    print(report.text())
    # A part of the table, or small sizes, is not what the docs publish.
    whole = not (given.only or given.quick or given.no_controls)
    folder = given.out or Path("docs/lab" if whole else "build")
    report.write(given.into or folder / "qualification.json")
    return 0 if report.holds else 1


def _parser(names: list[str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m qualification", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small sizes on tiny models")
    parser.add_argument("--only", action="append", choices=names, metavar="ROW", help="repeatable")
    parser.add_argument("--no-controls", action="store_true", help="without negative controls")
    parser.add_argument("--out", type=Path, metavar="DIR", help="docs, or build for a part")
    parser.add_argument("--into", type=Path, metavar="FILE", help="put rows into an earlier JSON")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
