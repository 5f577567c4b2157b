"""The signature files of a bundle: their names, and reading them."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

from burnish.errors import SignatureError
from burnish.signing.public_key import FINGERPRINT_DIGITS

__all__ = ["SIGNATURE_BYTES", "is_signature", "read_signatures", "signature_name"]

SIGNATURE_BYTES = 64
"""Of an Ed25519 signature (RFC 8032, section 5.1.6)."""

_NAME = re.compile(rf"manifest\.json\.([0-9a-f]{{{FINGERPRINT_DIGITS}}})\.sig")
_MOST = 32
"""Signatures of a bundle. Chosen: each is verified at every load."""


def signature_name(fingerprint: str) -> str:
    """The name of the file that holds a key's signature."""
    return f"manifest.json.{fingerprint}.sig"


def is_signature(name: str) -> bool:
    """Whether a file of a bundle holds a signature, by its name."""
    return _NAME.fullmatch(name) is not None


def read_signatures(directory: Path) -> dict[str, bytes]:
    """The signatures of a bundle, by the fingerprints in their names; none is verified.

    Raises:
        SignatureError: one is a link, cannot be read or is not 64 bytes long, or there are too
            many.
    """
    names = sorted(path.name for path in _entries(directory) if is_signature(path.name))
    if len(names) > _MOST:
        raise SignatureError(
            f"{directory}: it has {len(names)} signatures, more than {_MOST}",
            "remove those of keys that nobody trusts any more",
        )
    return {_fingerprint(name): _read(directory, name) for name in names}


def _entries(directory: Path) -> list[Path]:
    try:
        return list(directory.iterdir())
    except OSError as error:
        raise SignatureError(f"{directory}: cannot be read: {error.strerror}") from error


def _fingerprint(name: str) -> str:
    return name.split(".")[2]


def _read(directory: Path, name: str) -> bytes:
    remove = f"remove {directory / name}, and have the bundle signed again"
    try:
        # Without O_NONBLOCK the opening of a pipe would wait for a writer.
        flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOFOLLOW
        with open(os.open(directory / name, flags), "rb") as file:
            plain = stat.S_ISREG(os.fstat(file.fileno()).st_mode)
            content = file.read(SIGNATURE_BYTES + 1) if plain else b""
    except OSError as error:
        raise SignatureError(
            f"{directory}: {name} is a link or cannot be read: {error.strerror}", remove
        ) from error
    if len(content) != SIGNATURE_BYTES:
        raise SignatureError(
            f"{directory}: {name} is not a signature, which is a plain file of "
            f"{SIGNATURE_BYTES} bytes",
            remove,
        )
    return content
