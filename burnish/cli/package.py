"""``burnish package``: build a BentoML archive that needs no burnish where it serves."""

from __future__ import annotations

import argparse
from pathlib import Path

from burnish.cli.extras import needs_extra
from burnish.cli.serve import add_bundles
from burnish.cli.terminal import Terminal
from burnish.cli.trust import add_trust, trust_of

__all__ = ["EXAMPLE", "add_arguments", "run"]

EXAMPLE = """\
burnish package bundles/tickets -o tickets.bento
burnish package bundles --name support"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    add_bundles(parser)
    parser.add_argument("--name", default="burnish", help="the archive's name (burnish)")
    parser.add_argument(
        "-o", "--output", type=Path, metavar="FILE", help="also write the archive here (.bento)"
    )
    add_trust(parser)


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Build it, and print its tag and place."""
    with needs_extra("serve"):
        from burnish.service.package import package_bundles
    package = package_bundles(
        arguments.bundles,
        name=arguments.name,
        output=arguments.output,
        trust=trust_of(arguments),
    )
    terminal.result(f"{package.tag}  {package.path}")
    if arguments.output is None:
        terminal.note(f"next: cd {package.path / 'src'} && python -m service")
    else:
        terminal.note(
            f"next, on the machine that serves it: bentoml import {package.path.name}, then "
            f"cd $(bentoml get {package.tag} -o path)/src && python -m service"
        )
    terminal.document({"tag": package.tag, "path": str(package.path)})
    return 0
