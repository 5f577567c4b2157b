"""Private keys: a new pair, and reading one to sign with."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from burnish.directory import sync
from burnish.errors import AccessError, UsageError
from burnish.private import new_private, read_private
from burnish.signing.pem import check_pem, kind_of
from burnish.signing.public_key import PublicKey

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

__all__ = ["Pair", "PrivateKey", "make_pair", "read_private_key"]

_MAX_BYTES = 16 * 1024
_PUBLIC_MODE = 0o644


class PrivateKey:
    """An Ed25519 private key; it signs, and is never shown."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self.public = PublicKey(key.public_key().public_bytes_raw())
        """Its public key."""

    def sign(self, content: bytes) -> bytes:
        """The signature of a content: 64 bytes, always the same ones."""
        return self._key.sign(content)


@dataclass(frozen=True, slots=True)
class Pair:
    """The files of a new pair."""

    private: Path
    public: Path
    fingerprint: str


def make_pair(name: str | os.PathLike[str], *, passphrase: bytes | None = None) -> Pair:
    """Make a pair of keys: ``NAME.key`` (PKCS #8, mode 0600) and ``NAME.pub``, both PEM.

    Args:
        name: the files' path without their endings.
        passphrase: encrypts the private key; None leaves it as it is.

    Raises:
        AccessError: a file exists already or cannot be written; then there is neither.
        UsageError: the passphrase is empty.
    """
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import (
        BestAvailableEncryption,
        Encoding,
        NoEncryption,
        PrivateFormat,
        PublicFormat,
    )

    if passphrase is not None and not passphrase:
        raise UsageError("the passphrase is empty", "give one, or leave the key unencrypted")
    private, public = Path(f"{os.fspath(name)}.key"), Path(f"{os.fspath(name)}.pub")
    encryption = NoEncryption() if passphrase is None else BestAvailableEncryption(passphrase)
    key = Ed25519PrivateKey.generate()
    with new_private(private) as write:
        write(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption))
        _write_public(
            public,
            key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        )
    sync(private.absolute().parent)
    return Pair(private, public, PrivateKey(key).public.fingerprint)


def read_private_key(path: str | os.PathLike[str], passphrase: Callable[[], bytes]) -> PrivateKey:
    """Read a private key.

    Args:
        path: a PEM file that nobody else may read.
        passphrase: called where the key is encrypted.

    Raises:
        AccessError: others may read the file, it holds anything but one Ed25519 private key, or
            the passphrase is wrong.
    """
    path = Path(path)
    content = _read(path)
    check_pem(content, path, wanted="PRIVATE KEY")
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    key = _decoded(content, path, passphrase)
    if not isinstance(key, Ed25519PrivateKey):
        raise AccessError(
            f"{path}: it holds a key for {kind_of(key)}; bundles are signed with Ed25519",
            "burnish keys pair -o NAME makes a pair of keys for bundles",
        )
    return PrivateKey(key)


def _read(path: Path) -> bytes:
    try:
        return read_private(path, max_bytes=_MAX_BYTES)[0]
    except AccessError:
        # Others may read a public key: that its mode is wrong would be the wrong thing to say.
        if path.is_file():
            with suppress(OSError), path.open("rb") as file:
                content = file.read(_MAX_BYTES)
                if b"PUBLIC KEY-----" in content:
                    check_pem(content, path, wanted="PRIVATE KEY")
        raise


def _decoded(content: bytes, path: Path, passphrase: Callable[[], bytes]) -> object:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    given: bytes | None = None
    try:
        try:
            return load_pem_private_key(content, password=None)
        except TypeError:  # it is encrypted
            given = passphrase()
            return load_pem_private_key(content, password=given)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        if given is not None:
            raise AccessError(
                f"{path}: the passphrase is wrong, or the key is damaged",
                "try again; without the passphrase the key is lost: make a new pair",
            ) from error
        raise AccessError(
            f"{path}: the private key in it is damaged", "restore NAME.key from your copy"
        ) from error


def _write_public(path: Path, content: bytes) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    try:
        descriptor = os.open(path, flags, _PUBLIC_MODE)
    except FileExistsError as error:
        raise AccessError(f"{path} exists already", "choose another name") from error
    except OSError as error:
        raise AccessError(f"{path}: cannot be written: {error.strerror}") from error
    try:
        with open(descriptor, "wb") as file:
            os.fchmod(descriptor, _PUBLIC_MODE)  # whatever the umask takes away
            file.write(content)
            file.flush()
            os.fsync(descriptor)
    except OSError as error:
        with suppress(OSError):
            path.unlink()
        raise AccessError(f"{path}: cannot be written: {error.strerror}") from error
