"""``--trust KEY.pub``, on every command that loads bundles."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from burnish.signing.trust import VARIABLE, Trust, trusted_paths

__all__ = ["add_trust", "trust_of", "trusted_files"]


def add_trust(parser: argparse.ArgumentParser) -> None:
    """Declare the option."""
    parser.add_argument(
        "--trust",
        type=Path,
        action="append",
        metavar="KEY.pub",
        help=f"load only bundles signed by this key; repeatable ({VARIABLE})",
    )


def trusted_files(arguments: argparse.Namespace) -> tuple[Path, ...]:
    """The key files of the option or, without it, of ``BURNISH_TRUST``; empty without both."""
    given: list[Path] | None = arguments.trust
    return trusted_paths(os.environ) if given is None else tuple(given)


def trust_of(arguments: argparse.Namespace) -> Trust | None:
    """The trusted keys; None where a bundle needs no signature.

    Raises:
        AccessError: a file holds no public key.
        UsageError: ``BURNISH_TRUST`` is set and names no file.
    """
    files = trusted_files(arguments)
    return Trust.read(files) if files else None
