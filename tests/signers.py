"""Key pairs for tests, and bundles that are signed with them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from burnish.signing.private_key import make_pair, read_private_key
from burnish.signing.sign import sign_bundle
from burnish.signing.trust import Trust

__all__ = ["Signer", "new_signer"]


@dataclass(frozen=True)
class Signer:
    """Somebody with a pair of keys."""

    key: Path
    public: Path
    fingerprint: str

    @property
    def trust(self) -> Trust:
        """Trust in this one alone."""
        return Trust.read([self.public])

    def sign(self, bundle: Path) -> Path:
        """Sign a bundle; the signature's file."""
        return sign_bundle(bundle, read_private_key(self.key, lambda: b"")).path


def new_signer(folder: Path, name: str = "release") -> Signer:
    """A new pair of keys."""
    folder.mkdir(parents=True, exist_ok=True)
    pair = make_pair(folder / name)
    return Signer(pair.private, pair.public, pair.fingerprint)
