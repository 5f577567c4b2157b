"""Trust: the public keys whose signature a bundle must have to be loaded."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from burnish.errors import SignatureError, UsageError
from burnish.signing.public_key import PublicKey, read_public_key
from burnish.signing.signatures import read_signatures

__all__ = ["VARIABLE", "Trust", "trusted_paths"]

VARIABLE = "BURNISH_TRUST"
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Trust:
    """Public keys. One valid signature by any of them is enough."""

    keys: tuple[PublicKey, ...]

    def __post_init__(self) -> None:
        if not self.keys:
            raise UsageError("trust is asked for, and no key is named", "name a file KEY.pub")

    @classmethod
    def read(cls, paths: Iterable[str | os.PathLike[str]]) -> Trust:
        """Read public keys.

        Raises:
            AccessError: a file is not an Ed25519 public key; see `read_public_key`.
            UsageError: there is no path.
        """
        return cls(tuple(dict.fromkeys(read_public_key(path) for path in paths)))

    @property
    def fingerprints(self) -> tuple[str, ...]:
        """The names of the keys."""
        return tuple(key.fingerprint for key in self.keys)

    def check(self, directory: Path, manifest: bytes) -> tuple[str, ...]:
        """Verify the signatures in a bundle's directory over the bytes of its manifest.

        A signature by a key that is not trusted is passed over: it cannot be verified.

        Returns:
            the fingerprints of the trusted keys that signed.

        Raises:
            SignatureError: there is no signature, none by a trusted key, or one by a trusted key
                does not match.
        """
        signatures = read_signatures(directory)
        known = {key.fingerprint: key for key in self.keys}
        if not signatures:
            raise SignatureError(
                f"{directory}: it is not signed; trusted: {_listed(self.fingerprints)}", _SIGN
            )
        signed = {known[name]: each for name, each in signatures.items() if name in known}
        for key, signature in signed.items():
            if not key.verifies(signature, manifest):
                raise SignatureError(
                    f"{directory}: the signature of {key.fingerprint} does not match "
                    "manifest.json: one of them was changed",
                    "take the bundle again from where it was signed",
                )
        if not signed:
            raise SignatureError(
                f"{directory}: it is signed by {_listed(signatures)}, who is not trusted; "
                f"trusted: {_listed(self.fingerprints)}",
                f"if you trust that key, add its file to --trust (or {VARIABLE}); if not: {_SIGN}",
            )
        return tuple(key.fingerprint for key in signed)


def trusted_paths(environment: Mapping[str, str]) -> tuple[Path, ...]:
    """The key files that ``BURNISH_TRUST`` names, separated as in ``PATH``; empty: it is not set.

    Raises:
        UsageError: it is set, and names no file.
    """
    given = environment.get(VARIABLE)
    if given is None:
        return ()
    paths = tuple(Path(path) for path in given.split(os.pathsep) if path)
    if not paths:
        raise UsageError(
            f"{VARIABLE} is set and names no file", f"name KEY.pub, or unset {VARIABLE}"
        )
    return paths


_SIGN = "have it checked and signed: burnish keys sign BUNDLE --key NAME.key"


def _listed(fingerprints: Iterable[str]) -> str:
    every: Sequence[str] = tuple(fingerprints)
    return ", ".join(every[:_SHOWN]) + (" …" if len(every) > _SHOWN else "")
