"""Releases, and kits for machines without a network: ``python -m release``, in a checkout."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from burnish.errors import BurnishError
from release.airgap import SAMPLE, make_kit
from release.build import build_release
from release.check import check_kit
from release.wheelhouse import EXTRAS

_MB = 1_000_000


def main(arguments: list[str]) -> int:
    """Run one of the commands; 1 if it cannot be done."""
    given = _parser().parse_args(arguments)
    try:
        code: int = given.run(given)
    except BurnishError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return code


def _build(given: argparse.Namespace) -> int:
    release = build_release(given.output)
    print(f"{release.wheel}\n{release.sdist}\nSHA256SUMS: {release.digest}")
    return 0


def _airgap(given: argparse.Namespace) -> int:
    kit = make_kit(
        given.output,
        extra=given.extra,
        bundles=given.bundle or (),
        tar=given.tar,
        notify=lambda note: print(note, file=sys.stderr, flush=True),
    )
    print(f"{kit.path}: {kit.wheels} wheels, {kit.size_bytes / _MB:.0f} MB")
    print(f"SHA256SUMS: {kit.digest}")
    print("tell that digest to whoever installs the kit, on another way than the kit itself")
    return 0


def _check(given: argparse.Namespace) -> int:
    findings = []
    for finding in check_kit(given.kit):
        findings.append(finding)
        verdict = "ok    " if finding.passed else "FAILED"
        print(f"{verdict}  {finding.what}: {finding.figure}", flush=True)
    return 0 if all(finding.passed for finding in findings) else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m release", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    build = commands.add_parser("build", help="wheel, source distribution, SBOM and VEX")
    build.add_argument("-o", "--output", type=Path, default=Path("dist"), metavar="DIR")
    build.set_defaults(run=_build)
    airgap = commands.add_parser("airgap", help="a kit for machines without a network")
    airgap.add_argument("-o", "--output", type=Path, required=True, metavar="DIR")
    airgap.add_argument(
        "--extra", choices=EXTRAS, default="all", help="serve: no training, no torch (default: all)"
    )
    airgap.add_argument(
        "--bundle",
        type=Path,
        action="append",
        metavar="DIR",
        help=f"a bundle to serve, repeatable (default: {SAMPLE})",
    )
    airgap.add_argument("--tar", action="store_true", help="also write DIR.tar")
    airgap.set_defaults(run=_airgap)
    check = commands.add_parser(
        "check", help="install a kit and serve from it where there is no network; damage it"
    )
    check.add_argument("kit", type=Path, metavar="DIR")
    check.set_defaults(run=_check)
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
