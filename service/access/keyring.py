"""The keyring: from the ``Authorization`` header of a request to its caller.

It follows its file: a new or revoked key takes effect within a second, without a restart. A file
that cannot be read is tried again every second. Requests that have been admitted stay admitted.
"""

from __future__ import annotations

import os
import secrets
import time
from base64 import b64decode
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from hmac import compare_digest
from math import inf
from pathlib import Path
from typing import Final

from burnish.errors import AccessError

from .caller import LOCAL, ONE_FOR_ALL, Caller
from .keys import ID_CHARACTERS, KEY_PREFIX, StoredKey, read_keys_and_status
from .problems import HealthProblem, log_problem

__all__ = ["Keyring"]

_CHECK_EVERY_S = 1.0
"""Between two checks of the key file. Chosen: a revoked key is refused within a second."""
_IDENTIFIER = slice(len(KEY_PREFIX), len(KEY_PREFIX) + ID_CHARACTERS)

_Signature = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class _Entry:
    digest: bytes
    expires: float
    """Seconds since 1970; revoked keys have never been valid."""
    caller: Caller | None


class Keyring:
    """The keys that a server takes."""

    def __init__(
        self,
        path: Path | None = None,
        *,
        api_key: str | None = None,
        basic: bool = False,
        notify: Callable[[HealthProblem], None] = log_problem,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Read the key file.

        Args:
            path: the file that ``burnish keys`` writes.
            api_key: one key for all callers, who then may do everything.
            basic: whether a key may come as the password of basic authentication.
            notify: called once with each problem of the file.
            clock: seconds since 1970.
            monotonic: seconds on a clock that is never set.

        Raises:
            AccessError: the file cannot be read, is open to other users, or is damaged.
        """
        self._path = path
        self._basic = basic
        self._notify = notify
        self._clock = clock
        self._monotonic = monotonic
        # Nobody knows what is hashed to this, so comparing with it is a no that takes as long.
        self._nobody = _Entry(secrets.token_bytes(32), -inf, None)
        self._api_digest = sha256(api_key.encode()).digest() if api_key else secrets.token_bytes(32)
        self._entries: Mapping[bytes, _Entry] = {}
        self._signature: _Signature | None = None
        self.problem: HealthProblem | None = None
        """What is wrong with the file; until it can be read, the keys read before are in use."""
        self.required: Final = path is not None or api_key is not None
        """Whether a request needs a key."""
        self._next_check = inf
        if path is not None:
            self._read(path)
            self._next_check = monotonic() + _CHECK_EVERY_S

    def caller(self, authorization: bytes) -> Caller | None:
        """The caller with this header's value; None for an unknown key.

        Every key is hashed and compared, also one with an unknown identifier, so that the time of a
        refusal reveals nothing.
        """
        if self._monotonic() >= self._next_check:
            self._follow()
        if not self.required:
            return LOCAL
        scheme, _, key = authorization.partition(b" ")
        scheme, key = scheme.lower(), key.strip()
        if scheme == b"basic" and self._basic:
            scheme, key = b"bearer", _password(key)
        digest = sha256(key).digest()
        entry = self._entries.get(key[_IDENTIFIER], self._nobody)
        known = compare_digest(digest, entry.digest)
        one_for_all = compare_digest(digest, self._api_digest)
        if scheme != b"bearer":
            return None
        if one_for_all:
            return ONE_FOR_ALL
        return entry.caller if known and self._clock() < entry.expires else None

    def reload(self) -> None:
        """Read the file again now; if it is damaged, the old keys stay valid."""
        if self._path is not None:
            self._signature = None
            self._follow()

    def _follow(self) -> None:
        path = self._path
        if path is None:
            return
        self._next_check = self._monotonic() + _CHECK_EVERY_S
        # What is wrong with a file that has no status, reading it tells.
        with suppress(OSError):
            if _signature(os.stat(path)) == self._signature:  # noqa: PTH116  half of Path.stat
                return
        try:
            self._read(path)
        except AccessError as error:
            # It may be readable in a moment as it is now: look again until it has been read.
            self._signature = None
            self._report(
                HealthProblem(
                    path,
                    f"{error.message}; the keys read before stay valid, and the file is read "
                    "again every second",
                    error.hint,
                )
            )

    def _report(self, problem: HealthProblem) -> None:
        if problem != self.problem:
            self.problem = problem
            self._notify(problem)

    def _read(self, path: Path) -> None:
        file, status = read_keys_and_status(path)
        # One assignment: a request sees the old keys or the new ones.
        self._entries = {key.id.encode("ascii"): _entry(key) for key in file.keys}
        self._signature = _signature(status)
        self.problem = None


def _password(credentials: bytes) -> bytes:
    """The password of basic authentication (RFC 7617); empty where they are not such."""
    try:
        return b64decode(credentials, validate=True).partition(b":")[2]
    except ValueError:
        return b""


def _signature(status: os.stat_result) -> _Signature:
    return status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino


def _entry(key: StoredKey) -> _Entry:
    expires = inf if key.expires is None else key.expires.timestamp()
    return _Entry(
        digest=bytes.fromhex(key.sha256),
        expires=-inf if key.revoked is not None else expires,
        caller=key.caller(),
    )
