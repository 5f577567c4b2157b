"""``burnish doctor``: look this machine and installation over."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from burnish.cli.checkup import check_up
from burnish.cli.extras import needs_extra
from burnish.cli.terminal import Colour, Terminal

__all__ = ["EXAMPLE", "add_arguments", "run"]

EXAMPLE = "burnish doctor"

_COLOURS: dict[str, Colour] = {"ok": "green", "warn": "yellow", "fail": "red"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the flag that writes documents instead of findings."""
    parser.add_argument(
        "--sbom",
        type=Path,
        metavar="DIRECTORY",
        help="instead, write what is installed (sbom.cdx.json) and what known vulnerabilities "
        "mean for it (vex.cdx.json) into DIRECTORY, as CycloneDX 1.6",
    )


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Print one line per finding, or write SBOM and VEX; exit 1 where burnish cannot work."""
    if arguments.sbom is not None:
        return _write_sbom(arguments.sbom, terminal)
    findings = check_up(Path.cwd())
    for finding in findings:
        level = terminal.paint(f"{finding.level:4}", _COLOURS[finding.level])
        terminal.result(f"{level}  {finding.name:12}  {finding.found}")
        if finding.fix:
            terminal.result(f"      {finding.fix}")
    # ``mend`` is what 0.1 calls ``fix``; it goes after 0.2.
    terminal.document({"checks": [{**asdict(each), "mend": each.fix} for each in findings]})
    return int(any(finding.level == "fail" for finding in findings))


def _write_sbom(directory: Path, terminal: Terminal) -> int:
    with needs_extra("serve"):
        from burnish.supply_chain.installation import write_installation

    written = write_installation(directory, made=datetime.now(UTC).replace(microsecond=0))
    terminal.result(f"{written.sbom}: {written.packages} packages")
    terminal.result(f"{written.vex}: what known vulnerabilities mean for them")
    terminal.document(
        {"sbom": str(written.sbom), "vex": str(written.vex), "packages": written.packages}
    )
    return 0
