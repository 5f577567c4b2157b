"""Signing a bundle: every file is verified, then the manifest's bytes are signed."""

from __future__ import annotations

import os
import stat
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from burnish.bundle import MANIFEST, Bundle, read_bundle
from burnish.directory import sync
from burnish.errors import BundleError
from burnish.signing.private_key import PrivateKey
from burnish.signing.signatures import read_signatures, signature_name

__all__ = ["Signed", "sign_bundle"]


@dataclass(frozen=True, slots=True)
class Signed:
    """A bundle that was signed."""

    bundle: Bundle
    path: Path
    """The file of the signature."""
    fingerprint: str
    """Names the key."""
    already: bool
    """Whether this very signature was there before."""


def sign_bundle(path: str | os.PathLike[str], key: PrivateKey) -> Signed:
    """Verify every file of a bundle, and add the key's signature to it.

    A signature by the same key is replaced; those of other keys stay.

    Raises:
        BundleError: a file is changed, missing or added, a signature is damaged, or the new one
            cannot be written; then the bundle is as it was.
    """
    bundle = read_bundle(path)
    fingerprint = key.public.fingerprint
    name = signature_name(fingerprint)
    signature = key.sign(bundle.manifest_content())
    already = read_signatures(bundle.path).get(fingerprint) == signature
    if not already:
        _write(bundle.path, name, signature)
    return Signed(bundle, bundle.path / name, fingerprint, already)


def _write(directory: Path, name: str, content: bytes) -> None:
    """Under another name beside the bundle first: in it, an unfinished file would be refused."""
    try:
        mode = stat.S_IMODE((directory / MANIFEST).stat().st_mode) & 0o666
        descriptor, partial = tempfile.mkstemp(
            prefix=f".{directory.name}.", suffix=".sig", dir=directory.parent
        )
        try:
            with open(descriptor, "wb") as file:
                os.fchmod(descriptor, mode)  # whoever may read the manifest may verify it
                file.write(content)
                file.flush()
                os.fsync(descriptor)
            os.replace(partial, directory / name)
        except BaseException:
            with suppress(OSError):
                Path(partial).unlink()
            raise
        sync(directory)
    except OSError as error:
        raise BundleError(
            f"{directory}: the signature cannot be written: {error.strerror}",
            "the bundle and the directory that it is in must be writable, on one disk",
        ) from error
