"""The seal of an input: an HMAC that shows later whether a text is what was asked about.

Never a plain hash: whoever guesses a text could prove the guess with one.
"""

from __future__ import annotations

import hmac
from pathlib import Path

from .faults import AccessError
from .private import read_private

__all__ = ["InputSeal"]

_LEAST_BYTES = 32
_MOST_BYTES = 64 * 1024


class InputSeal:
    """HMAC-SHA256 (RFC 2104) of request bodies, under a key that the server alone has."""

    __slots__ = ("_key",)

    def __init__(self, key: bytes) -> None:
        """Take a key of at least 32 bytes."""
        if len(key) < _LEAST_BYTES:
            raise AccessError(
                f"the key of the inputs' HMAC has fewer than {_LEAST_BYTES} bytes", _MAKE_ONE
            )
        self._key = key

    @classmethod
    def from_file(cls, path: Path) -> InputSeal:
        """Read the key, all bytes of a file of mode 0600.

        Raises:
            AccessError: it cannot be read, is open to other users, or is too short.
        """
        key, _ = read_private(path, max_bytes=_MOST_BYTES)
        if len(key) < _LEAST_BYTES:
            raise AccessError(f"{path}: it has fewer than {_LEAST_BYTES} bytes", _MAKE_ONE)
        return cls(key)

    def of(self, body: bytes) -> str:
        """The HMAC of a request's body, 64 hexadecimal digits."""
        return hmac.digest(self._key, body, "sha256").hex()


_MAKE_ONE = "make one: (umask 077; head -c 32 /dev/urandom > FILE)"
