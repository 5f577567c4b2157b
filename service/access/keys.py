"""The key store: a JSON file with what a server must know about keys, but not the keys.

A key is ``bk_ID_SECRET``: a public identifier, and 32 random bytes in URL-safe Base64. It is shown
once; the file holds the SHA-256 of the whole of it. A plain hash is enough, for 256 random bits
cannot be guessed: slow hashes and salts are for what people choose.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from burnish.errors import AccessError, UsageError
from burnish.private import exclusive, read_private, write_private

from .caller import Caller, KeyScope

__all__ = [
    "ID_CHARACTERS",
    "ID_PATTERN",
    "KEY_PREFIX",
    "KeyFile",
    "NewKey",
    "State",
    "StoredKey",
    "create_key",
    "read_keys",
    "read_keys_and_status",
    "revoke_key",
]

KEY_PREFIX: Final = "bk_"
ID_CHARACTERS: Final = 8
"""Chosen: short enough to be read out, and 32 characters to the 8th are 10**12."""
ID_PATTERN: Final = f"[a-kmnp-z2-9]{{{ID_CHARACTERS}}}"
_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"  # no l, o, 0 and 1: identifiers are read out
_SECRET_BYTES = 32
"""256 bits: they cannot be guessed, so that a plain SHA-256 protects them."""
_MAX_FILE_BYTES = 16 * 1024 * 1024
"""Chosen: tens of thousands of keys."""
_NAME = re.compile(r"[^\x00-\x1f\x7f-\x9f\u2028\u2029]{1,100}")

State = Literal["active", "expired", "revoked"]


def _plain(text: str) -> str:
    if not _NAME.fullmatch(text) or text != text.strip():
        raise ValueError("a name has 1 to 100 characters, none of them a control character")
    return text


def _unique(values: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(values)) != len(values):
        raise ValueError("one is given twice")
    return values


Name = Annotated[str, AfterValidator(_plain)]
Rate = Annotated[int, Field(ge=1, le=10**9)]


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class StoredKey(_Closed):
    """The entry of one key in the file."""

    id: str = Field(pattern=f"^{ID_PATTERN}$")
    name: Name
    sha256: str = Field(pattern="^[0-9a-f]{64}$", repr=False)
    """The digest of the whole key, as the caller sends it."""
    scopes: Annotated[tuple[KeyScope, ...], Field(min_length=1), AfterValidator(_unique)]
    models: Annotated[tuple[Name, ...], Field(min_length=1), AfterValidator(_unique)] | None = None
    """Names of the models that may be asked; None: all."""
    created: AwareDatetime
    expires: AwareDatetime | None = None
    revoked: AwareDatetime | None = None
    requests_per_minute: Rate | None = None
    tokens_per_minute: Rate | None = None

    def state(self, now: datetime) -> State:
        """Whether the key is valid at this moment."""
        if self.revoked is not None:
            return "revoked"
        return "expired" if self.expires is not None and self.expires <= now else "active"

    def caller(self) -> Caller:
        """The holder of the key, as the server sees it."""
        return Caller(
            key_id=self.id,
            scopes=frozenset(self.scopes),
            models=None if self.models is None else frozenset(self.models),
            requests_per_minute=self.requests_per_minute,
            tokens_per_minute=self.tokens_per_minute,
        )


class KeyFile(_Closed):
    """The whole file."""

    schema_version: Literal[1] = 1
    keys: tuple[StoredKey, ...] = ()

    @model_validator(mode="after")
    def _each_identifier_once(self) -> Self:
        _unique(tuple(key.id for key in self.keys))
        return self


_FIELDS: Final = {*KeyFile.model_fields, *StoredKey.model_fields}


@dataclass(frozen=True, slots=True)
class NewKey:
    """A new key. It is known at this moment only."""

    key: str = field(repr=False)
    """The whole key, as the caller sends it."""
    stored: StoredKey


def read_keys(path: Path) -> KeyFile:
    """Read a key file.

    Raises:
        AccessError: it cannot be read, is open to other users, or is damaged.
    """
    return read_keys_and_status(path)[0]


def read_keys_and_status(path: Path) -> tuple[KeyFile, os.stat_result]:
    """Read a key file, and its status at that moment, which shows when it changes.

    Raises:
        AccessError: as :func:`read_keys`; the message says where and quotes nothing.
    """
    content, status = read_private(path, max_bytes=_MAX_FILE_BYTES)
    try:
        return KeyFile.model_validate_json(content), status
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False, include_context=False)[0]
        # An unknown field's name may be a secret in the wrong place.
        known = (part for part in first["loc"] if isinstance(part, int) or part in _FIELDS)
        where = ".".join(map(str, known)) or "its content"
        what = "not valid JSON" if first["type"] == "json_invalid" else first["msg"]
        raise AccessError(
            f"{path}: not a key file: {where}: {what}",
            "restore it from a copy, or make a new one with burnish keys create",
        ) from None


def create_key(
    path: Path,
    *,
    name: str,
    scopes: Sequence[KeyScope] = ("infer",),
    models: Sequence[str] | None = None,
    expires: datetime | None = None,
    requests_per_minute: int | None = None,
    tokens_per_minute: int | None = None,
    now: datetime | None = None,
) -> NewKey:
    """Make a key and add it to the file, which is created if there is none.

    Raises:
        AccessError: the file cannot be read or written, or is damaged.
        UsageError: a value is not one that a key may have.
    """
    with exclusive(path):
        known = read_keys(path) if path.exists() else KeyFile()
        identifier = _new_identifier({key.id for key in known.keys})
        key = f"{KEY_PREFIX}{identifier}_{secrets.token_urlsafe(_SECRET_BYTES)}"
        try:
            stored = StoredKey(
                id=identifier,
                name=name,
                sha256=hashlib.sha256(key.encode("ascii")).hexdigest(),
                scopes=tuple(dict.fromkeys(scopes)),
                models=None if models is None else tuple(dict.fromkeys(models)),
                created=now or datetime.now(UTC),
                expires=expires,
                requests_per_minute=requests_per_minute,
                tokens_per_minute=tokens_per_minute,
            )
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False)[0]
            raise UsageError(f"{first['loc'][0]}: {first['msg']}") from None
        _write(path, KeyFile(keys=(*known.keys, stored)))
    return NewKey(key, stored)


def revoke_key(path: Path, identifier: str, *, now: datetime | None = None) -> StoredKey:
    """Revoke a key for good; a key that is revoked already stays as it is.

    Raises:
        AccessError: the file cannot be read or written, is damaged, or has no such key.
    """
    with exclusive(path):
        known = read_keys(path)
        found = next((key for key in known.keys if key.id == identifier), None)
        if found is None:
            raise AccessError(
                f"{path}: it has no key with this identifier",
                f"burnish keys list --keys {path} shows them; a key has it between its two _",
            )
        if found.revoked is not None:
            return found
        closed = found.model_copy(update={"revoked": now or datetime.now(UTC)})
        keys = tuple(closed if key is found else key for key in known.keys)
        _write(path, KeyFile(keys=keys))
    return closed


def _new_identifier(taken: set[str]) -> str:
    while True:
        identifier = "".join(secrets.choice(_ALPHABET) for _ in range(ID_CHARACTERS))
        if identifier not in taken:
            return identifier


def _write(path: Path, content: KeyFile) -> None:
    write_private(path, content.model_dump_json(indent=2).encode("utf-8") + b"\n")
