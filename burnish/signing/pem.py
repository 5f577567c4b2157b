"""What a PEM file holds, so that a wrong file is named as what it is."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal

from burnish.errors import AccessError

__all__ = ["check_pem", "kind_of"]

Wanted = Literal["PUBLIC KEY", "PRIVATE KEY"]

_BEGIN = re.compile(rb"^-----BEGIN ([A-Z0-9 ]{1,40})-----[ \t]*\r?$", re.MULTILINE)
_ALLOWED: dict[Wanted, re.Pattern[str]] = {
    "PUBLIC KEY": re.compile("PUBLIC KEY"),
    "PRIVATE KEY": re.compile("(ENCRYPTED |RSA |EC |DSA )?PRIVATE KEY"),
}
"""Those of other algorithms are read all the same, and refused by the algorithm's name."""
_KINDS = {"EC": "ECDSA"}
_MAKE = "burnish keys pair -o NAME makes NAME.key (private) and NAME.pub (public)"


def check_pem(content: bytes, path: Path, *, wanted: Wanted) -> None:
    """Refuse a file that does not hold exactly one PEM block, of the wanted kind.

    Raises:
        AccessError: says what the file holds, and what to give.
    """
    blocks = [found.decode("ascii") for found in _BEGIN.findall(content)]
    if not blocks:
        raise AccessError(f"{path}: it holds no {wanted.lower()} in PEM", _advice(content))
    if len(blocks) > 1:
        raise AccessError(
            f"{path}: it holds {len(blocks)} PEM blocks, and only one would be read",
            "give each key a file of its own",
        )
    if not _ALLOWED[wanted].fullmatch(blocks[0]):
        raise AccessError(
            f"{path}: it holds {_said(blocks[0])}, not a {wanted.lower()} in PEM",
            _instead(blocks[0], wanted),
        )


def kind_of(key: object) -> str:
    """The name of a key's algorithm, for a message."""
    name = re.sub(r"(Public|Private)Key$", "", type(key).__name__.lstrip("_"))
    return _KINDS.get(name, name)


def _said(block: str) -> str:
    if block == "OPENSSH PRIVATE KEY":
        return "a private key of OpenSSH's own format"
    if block.endswith(("PUBLIC KEY", "PRIVATE KEY")):
        return "a public key" if block.endswith("PUBLIC KEY") else "a private key"
    return "a certificate" if block == "CERTIFICATE" else f"the PEM block {block!r}"


def _instead(block: str, wanted: Wanted) -> str:
    if wanted == "PUBLIC KEY" and block.endswith("PRIVATE KEY"):
        return "give the public key, NAME.pub; keep the private one where bundles are signed"
    if wanted == "PRIVATE KEY" and block.endswith("PUBLIC KEY"):
        return "signing needs the private key: NAME.key"
    if block == "OPENSSH PRIVATE KEY":
        return f"this is a key for ssh; {_MAKE}"
    return _MAKE


def _advice(content: bytes) -> str:
    if content.startswith(b"bk_"):
        return f"this is a caller's API key; {_MAKE}"
    if content.startswith(b"ssh-"):
        return f"this is a key for ssh; {_MAKE}"
    return _MAKE
