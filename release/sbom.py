"""SBOM and VEX of a release: every package that constraints.txt pins."""

from __future__ import annotations

import os
import sys
import tomllib
from datetime import UTC, datetime
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from burnish.supply_chain.installation import Written, write_packages
from burnish.supply_chain.packages import pinned_packages

__all__ = ["write_release_sbom"]

ROOT = Path(__file__).parents[1]
_NOT_SHIPPED = {"all", "dev", "docs"}


def write_release_sbom(directory: Path, root: Path = ROOT) -> Written:
    """Write ``sbom.cdx.json`` and ``vex.cdx.json`` of the checkout.

    The documents have the date ``SOURCE_DATE_EPOCH``, or none where it is not set, so that two
    releases of one commit hold the same bytes.

    Raises:
        UsageError: the directory cannot be written, or constraints.txt pins no version in a line.
    """
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    return write_packages(
        directory,
        pinned_packages(root / "constraints.txt"),
        requires=_direct(root / "pyproject.toml"),
        made=datetime.fromtimestamp(int(epoch), UTC) if epoch else None,
    )


def _direct(pyproject: Path) -> tuple[str, ...]:
    """What burnish requires itself, with every extra for its users."""
    project = tomllib.loads(pyproject.read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    lines = [*project["dependencies"]]
    lines += [line for name, each in extras.items() if name not in _NOT_SHIPPED for line in each]
    return tuple(sorted({canonicalize_name(Requirement(line).name) for line in lines}))


def main(arguments: list[str]) -> int:
    """Write both documents into the directory that is named."""
    written = write_release_sbom(Path(arguments[0] if arguments else "build/release"))
    print(f"{written.sbom}: {written.packages} packages\n{written.vex}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
