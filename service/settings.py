"""The service's settings, from the caller of `serve` or from ``BURNISH_*`` variables."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from burnish.errors import UsageError
from burnish.signing.trust import trusted_paths

from .access import OnError

__all__ = ["Settings"]

_MIN_KEY_CHARACTERS = 16
"""Chosen: 16 random characters of 64 are 96 bits."""
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a person may set."""

    bundles: tuple[Path, ...]
    """Bundles, directories of bundles, and directories of models with their versions."""
    trust: tuple[Path, ...] = ()
    """Files of public keys, of which one must have signed a bundle; empty: none needs to."""
    api_key: str | None = None
    """What callers send as ``Authorization: Bearer KEY``; None: all on this machine may call."""
    keys: Path | None = None
    """The file that ``burnish keys`` writes; None: no keys but ``api_key``."""
    audit: Path | None = None
    """The audit log; None: there is none."""
    audit_on_error: OnError = "refuse"
    """Whether an answer whose line cannot be written is refused, or goes out."""
    audit_hmac_key: Path | None = None
    """Holds the key under which bodies are sealed in the audit log."""
    allowed_hosts: tuple[str, ...] = ()
    """Host names of this server besides localhost and IP addresses; ``*`` for any."""
    public_url: str | None = None
    """Where callers find this server, by a proxy: ``https://models.example.org``."""
    behind_proxy: bool = False
    """A proxy terminates TLS, so plain HTTP may arrive from other machines."""
    label_studio: bool = False
    """Whether Label Studio is served as a machine learning backend, and may send a key as the
    password of basic authentication."""
    threads: int | None = None
    """Worker threads; None: one a processor."""
    queue_ms: float = 2000.0
    """How much work may wait, in estimated milliseconds until it is done; more gets 429."""
    max_memory_bytes: int | None = None
    """No model is loaded that would take the process above it."""
    load_timeout_s: float | None = None
    """For a bundle to load and to pass its self-test; None: by its size."""
    max_held_bytes: int = 64 * 1024 * 1024
    """What the bodies of all requests being answered may hold together."""
    request_timeout_s: float = 300.0
    """Then the work is dropped and the caller gets 504."""
    body_timeout_s: float = 10.0
    """For the whole body to arrive."""
    header_timeout_s: float = 5.0
    """For the whole header to arrive."""
    max_body_bytes: int = 1024 * 1024

    def __post_init__(self) -> None:
        if self.api_key is not None and len(self.api_key) < _MIN_KEY_CHARACTERS:
            raise UsageError(
                f"the API key has fewer than {_MIN_KEY_CHARACTERS} characters",
                "make one: python -c 'import secrets; print(secrets.token_urlsafe(32))'",
            )
        if self.api_key is not None and not (self.api_key.isascii() and self.api_key.isprintable()):
            raise UsageError("the API key contains characters that a header cannot hold")
        if self.public_url is not None and self.public_origin is None:
            raise UsageError(
                f"the public URL {self.public_url!r} is not the address of a server",
                "give scheme and host, as https://models.example.org",
            )

    @property
    def public_origin(self) -> str | None:
        """What browsers send as ``Origin`` from the public URL; None: there is none."""
        try:
            parts = urlsplit(self.public_url or "")
            port = parts.port
        except ValueError:  # a port that is no number
            return None
        if parts.scheme not in _PORTS or not parts.hostname:
            return None
        host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
        return f"{parts.scheme}://{host}" + (
            "" if port in (None, _PORTS[parts.scheme]) else f":{port}"
        )

    @classmethod
    def from_environment(cls, environment: Mapping[str, str], *, default: Path) -> Settings:
        """Read the settings of a server that is not started by `serve`.

        ``BURNISH_BUNDLES`` (directories, separated as in ``PATH``), ``BURNISH_API_KEY``,
        ``BURNISH_KEYS`` and ``BURNISH_AUDIT`` (files), ``BURNISH_ALLOWED_HOSTS`` (separated by
        commas), ``BURNISH_PUBLIC_URL``, ``BURNISH_BEHIND_PROXY`` (1), ``BURNISH_LABEL_STUDIO``
        (1), ``BURNISH_THREADS`` and ``BURNISH_TRUST`` (files of public keys, separated as in
        ``PATH``).

        Args:
            environment: the variables.
            default: a directory of bundles, used where ``BURNISH_BUNDLES`` is not set.
        """
        given = environment.get("BURNISH_BUNDLES")
        paths = [Path(p) for p in given.split(os.pathsep) if p] if given else [default]
        hosts = environment.get("BURNISH_ALLOWED_HOSTS", "")
        return cls(
            bundles=tuple(paths),
            trust=trusted_paths(environment),
            api_key=environment.get("BURNISH_API_KEY"),
            keys=_path(environment.get("BURNISH_KEYS")),
            audit=_path(environment.get("BURNISH_AUDIT")),
            allowed_hosts=tuple(host.strip() for host in hosts.split(",") if host.strip()),
            public_url=environment.get("BURNISH_PUBLIC_URL") or None,
            behind_proxy=_switch(environment, "BURNISH_BEHIND_PROXY"),
            label_studio=_switch(environment, "BURNISH_LABEL_STUDIO"),
            threads=_whole_number(environment.get("BURNISH_THREADS")),
        )


def _switch(environment: Mapping[str, str], name: str) -> bool:
    return environment.get(name, "") in ("1", "true", "yes")


def _path(value: str | None) -> Path | None:
    return Path(value) if value else None


def _whole_number(value: str | None) -> int | None:
    if value is None:
        return None
    if not value.isdecimal() or int(value) < 1:
        raise UsageError("BURNISH_THREADS is not a whole number of at least 1")
    return int(value)
