"""Public keys: read from PEM files, and named by their fingerprints."""

from __future__ import annotations

import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from burnish.errors import AccessError
from burnish.signing.pem import check_pem, kind_of

__all__ = ["FINGERPRINT_DIGITS", "PublicKey", "read_public_key"]

FINGERPRINT_DIGITS = 32
"""Hexadecimal digits: 128 bits, too many to find a second key with the same ones."""

_MAX_BYTES = 16 * 1024
_WRITABLE_BY_OTHERS = 0o022
_SPKI = bytes.fromhex("302a300506032b6570032100")
"""What DER writes before the 32 bytes of an Ed25519 key (RFC 8410, section 4)."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """An Ed25519 public key."""

    raw: bytes
    """32 bytes (RFC 8032)."""

    @property
    def fingerprint(self) -> str:
        """The first digits of the SHA-256 of the key in DER.

        ``openssl pkey -pubin -in KEY.pub -outform DER | sha256sum`` begins with them.
        """
        return hashlib.sha256(_SPKI + self.raw).hexdigest()[:FINGERPRINT_DIGITS]

    def verifies(self, signature: bytes, content: bytes) -> bool:
        """Whether the owner of the private key signed this content."""
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

        try:
            Ed25519PublicKey.from_public_bytes(self.raw).verify(signature, content)
        except InvalidSignature:
            return False
        return True


def read_public_key(path: str | os.PathLike[str]) -> PublicKey:
    """Read a public key of ``burnish keys pair``, or of ``openssl pkey -pubout``.

    Raises:
        AccessError: the file cannot be read, others may write it, or it holds anything but one
            Ed25519 public key in PEM.
    """
    path = Path(path)
    content = _content(path)
    check_pem(content, path, wanted="PUBLIC KEY")
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        key = load_pem_public_key(content)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise AccessError(f"{path}: the public key in it is damaged", _COPY_AGAIN) from error
    if not isinstance(key, Ed25519PublicKey):
        raise AccessError(
            f"{path}: it holds a key for {kind_of(key)}; bundles are signed with Ed25519",
            "burnish keys pair -o NAME makes a pair of keys for bundles",
        )
    return PublicKey(key.public_bytes_raw())


_COPY_AGAIN = "copy the file NAME.pub again that burnish keys pair wrote"


def _content(path: Path) -> bytes:
    try:
        # Without O_NONBLOCK the opening of a pipe would wait for a writer.
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        with open(descriptor, "rb") as file:
            mode = os.fstat(descriptor).st_mode
            if not stat.S_ISREG(mode):
                raise AccessError(f"{path}: not a plain file", "name a file NAME.pub")
            content = file.read(_MAX_BYTES + 1)
    except OSError as error:
        raise AccessError(
            f"{path}: {error.strerror}", "check that it exists and that you may read it"
        ) from error
    if mode & _WRITABLE_BY_OTHERS:
        raise AccessError(
            f"{path}: other users may replace the key in it (mode {stat.S_IMODE(mode):04o})",
            f"compare its fingerprint with the signer's (burnish keys fingerprint), then "
            f"chmod go-w {path}",
        )
    if len(content) > _MAX_BYTES:
        raise AccessError(f"{path}: larger than {_MAX_BYTES} bytes", "is it the right file?")
    return content
