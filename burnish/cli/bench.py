"""``burnish bench``: time a bundle on this machine."""

from __future__ import annotations

import argparse
from pathlib import Path

from burnish.bench import DEFAULT_LENGTHS, bench_bundle
from burnish.cli.numbers import non_negative, positive_int
from burnish.cli.terminal import Terminal
from burnish.cli.trust import add_trust, trust_of

__all__ = ["EXAMPLE", "add_arguments", "run"]

EXAMPLE = """\
burnish bench bundles/tickets
burnish bench bundles/tickets --lengths 32 128 --seconds 1 --json"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("bundle", type=Path, metavar="BUNDLE", help="a bundle directory")
    parser.add_argument(
        "--lengths",
        type=positive_int,
        nargs="+",
        action="extend",
        metavar="N",
        help=f"lengths of the texts, in tokens ({' '.join(map(str, DEFAULT_LENGTHS))})",
    )
    parser.add_argument(
        "--seconds",
        type=non_negative,
        default=2.0,
        metavar="S",
        help="how long to measure each figure (2)",
    )
    parser.add_argument(
        "--threads",
        type=positive_int,
        metavar="N",
        help="inputs answered at once (one per processor)",
    )
    add_trust(parser)


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Print latency and rate by length, size, load time and memory."""
    report = bench_bundle(
        arguments.bundle,
        lengths=arguments.lengths or list(DEFAULT_LENGTHS),
        seconds=arguments.seconds,
        threads=arguments.threads,
        notify=terminal.note,
        trust=trust_of(arguments),
    )
    terminal.result(report.table())
    terminal.document(report.to_json())
    return 0
