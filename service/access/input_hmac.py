"""An HMAC of each input, so that the operator can show later which text a request had.

With a plain hash, anybody who guesses a text could prove the guess.
"""

from __future__ import annotations

import hmac
from pathlib import Path

from burnish.errors import AccessError
from burnish.private import read_private

__all__ = ["InputHmac"]

_LEAST_BYTES = 32
"""The output of SHA-256: RFC 2104, 3, discourages shorter keys."""
_MOST_BYTES = 64 * 1024
"""Chosen: a larger file is hardly a key."""


class InputHmac:
    """HMAC-SHA256 (RFC 2104) of request bodies, under a key that only the server has."""

    __slots__ = ("_key",)

    def __init__(self, key: bytes) -> None:
        """Take a key of at least 32 bytes."""
        if len(key) < _LEAST_BYTES:
            raise AccessError(
                f"the key of the inputs' HMAC has fewer than {_LEAST_BYTES} bytes", _MAKE_ONE
            )
        self._key = key

    @classmethod
    def from_file(cls, path: Path) -> InputHmac:
        """Read the key, all bytes of a file of mode 0600.

        Raises:
            AccessError: it cannot be read, is open to other users, or is too short.
        """
        key, _ = read_private(path, max_bytes=_MOST_BYTES)
        if len(key) < _LEAST_BYTES:
            raise AccessError(f"{path}: it has fewer than {_LEAST_BYTES} bytes", _MAKE_ONE)
        return cls(key)

    def digest(self, body: bytes) -> str:
        """The HMAC of a request's body, 64 hexadecimal digits."""
        return hmac.digest(self._key, body, "sha256").hex()


_MAKE_ONE = "make one: (umask 077; head -c 32 /dev/urandom > FILE)"
