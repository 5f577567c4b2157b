"""The bundle directory: what export leaves and everything downstream reads.

A bundle is flat and self-contained::

    manifest.json     `burnish.manifest`: task, figures, and every file's digest and size
    model.onnx        the precision that is served, no external data
    encoder.onnx    decoder.onnx    shared.bin    instead of it where the model writes
    tokenizer.json    config.json    README.md
    tokenizer_config.json    special_tokens_map.json    what AutoTokenizer reads beside them
    sbom.cdx.json     vex.cdx.json    what it is made from, and what known vulnerabilities mean
    manifest.json.FINGERPRINT.sig     a signature of the manifest; none, one or several

`read_bundle` verifies every byte before anything is loaded: a file that is changed, missing or
added is refused by its name. The manifest is sealed: it holds its own digest, computed with the
seal's digits as zeros, so that a damaged one is told from the one that was written.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import NoReturn

from pydantic import ValidationError

from burnish.errors import BundleError
from burnish.gates.record import Gate
from burnish.manifest import SCHEMA_VERSION, FileEntry, Limits, Manifest
from burnish.signing.signatures import is_signature, read_signatures
from burnish.signing.trust import Trust

__all__ = [
    "MANIFEST",
    "SCHEMA_VERSION",
    "Bundle",
    "FileEntry",
    "Gate",
    "Limits",
    "Manifest",
    "read_bundle",
    "read_manifest",
    "write_manifest",
]

MANIFEST = "manifest.json"

_MAX_MANIFEST_BYTES = 4 * 1024 * 1024
_REQUIRED = ("config.json", "tokenizer.json")
_FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
_UNSEALED = "0" * 64
_NAMED = 5
_READ = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
"""A file swapped for a link or a pipe since the directory was listed is not followed or awaited."""
_EXPORT_AGAIN = "export the run again: burnish export RUN -o BUNDLE"


@dataclass(frozen=True, slots=True)
class Bundle:
    """A verified bundle directory."""

    path: Path
    manifest: Manifest
    digest: str
    """SHA-256 of ``manifest.json``, which holds every other file's: the bundle's identity."""
    signatures: tuple[str, ...] = ()
    """Fingerprints of the keys that its signatures name: a claim, until they are verified."""
    signed_by: tuple[str, ...] = ()
    """Fingerprints of the trusted keys whose signatures were verified; empty without trust."""

    @property
    def model_path(self) -> Path:
        """The ONNX graph; of a model that writes, the one that reads."""
        return self.path / self.manifest.graph_names[0]

    @property
    def graph_digests(self) -> tuple[str, ...]:
        """SHA-256 of each file of the model's weights."""
        return tuple(self.manifest.files[name].sha256 for name in self.manifest.graph_names)

    @property
    def graph_bytes(self) -> int:
        """The size of the model's weights."""
        return sum(self.manifest.files[name].size_bytes for name in self.manifest.graph_names)

    @property
    def tokenizer_path(self) -> Path:
        """The tokenizer."""
        return self.path / "tokenizer.json"

    @property
    def card(self) -> str:
        """The model card's text, verified as it is read; empty where the bundle has none.

        Raises:
            BundleError: as `content`.
        """
        if "README.md" not in self.manifest.files:
            return ""
        return self.content(self.path / "README.md").decode(errors="replace")

    def content(self, path: Path) -> bytes:
        """A file's bytes, verified: what was put in its place since the bundle was read is refused.

        Raises:
            BundleError: the file cannot be read, or is another one.
        """
        with _opened(path) as file:
            content = file.read()
        if not _is_entry(self.manifest.files[path.name], content):
            _refuse(self.path, f"{path.name} was changed while the bundle was loaded")
        return content

    def check_files(self, names: Iterable[str]) -> None:
        """Refuse what was put in a file's place since the bundle was read.

        Args:
            names: of files that are loaded by their paths.

        Raises:
            BundleError: a file cannot be read, or is another one.
        """
        for name in names:
            if _entry(self.path / name) != self.manifest.files[name]:
                _refuse(self.path, f"{name} was changed while the bundle was loaded")

    def manifest_content(self) -> bytes:
        """The bytes of ``manifest.json``, which are what is signed; verified as `content` is."""
        content = _read_manifest(self.path)
        _check_digest(self.path, content, self.digest)
        return content


def write_manifest(directory: Path, manifest: Manifest) -> Bundle:
    """Digest every file of ``directory`` and write its manifest; the last step of an export.

    Raises:
        BundleError: a file is missing, or something there has no place in a bundle.
    """
    files = {name: _entry(directory / name) for name in _file_names(directory)}
    _check_names(directory, expected=_required(manifest), found=set(files), exact=False)
    whole = manifest.model_copy(update={"files": files, "seal": _UNSEALED})
    content = (whole.model_dump_json(indent=2) + "\n").encode()
    seal = hashlib.sha256(content).hexdigest()
    (directory / MANIFEST).write_bytes(_with_seal(content, _UNSEALED, seal))
    return read_bundle(directory)


def read_manifest(
    path: str | os.PathLike[str], *, trust: Trust | None = None
) -> tuple[Manifest, str]:
    """Read a bundle's manifest alone, and its digest: what the bundle claims to be.

    ``trust`` says whose signature the manifest must have.

    Raises:
        BundleError: there is none, or it is not one that was written by an export.
        SignatureError: it is not signed by a trusted key.
    """
    directory = Path(path)
    content = _read_manifest(directory)
    if trust is not None:
        trust.check(directory, content)
    return _parse(directory, content), hashlib.sha256(content).hexdigest()


def read_bundle(
    path: str | os.PathLike[str], *, trust: Trust | None = None, digest: str = ""
) -> Bundle:
    """Read a bundle and verify every file of it.

    The manifest is read once: its bytes that are verified are those that are parsed.

    Args:
        path: the bundle's directory.
        trust: whose signature it must have; None asks for none.
        digest: refuse any other bundle than the one of this digest; empty for any.

    Raises:
        BundleError: it is not a bundle, of another schema version, or a file is changed, missing,
            added, a link or not a plain file; the message names the file.
        SignatureError: it is not signed by a trusted key, or a signature is damaged.
    """
    directory = Path(path)
    content = _read_manifest(directory)
    if digest:
        _check_digest(directory, content, digest)
    signed_by = () if trust is None else trust.check(directory, content)
    manifest = _parse(directory, content)
    found = _file_names(directory)
    _check_names(directory, expected=set(manifest.files), found=set(found), exact=True)
    _check_names(directory, expected=_required(manifest), found=set(found), exact=False)
    for name in found:
        if _entry(directory / name) != manifest.files[name]:
            _refuse(directory, f"{name} is not the file that was exported (its digest differs)")
    return Bundle(
        directory.resolve(),
        manifest,
        hashlib.sha256(content).hexdigest(),
        signatures=tuple(read_signatures(directory)),
        signed_by=signed_by,
    )


def _required(manifest: Manifest) -> set[str]:
    return {*_REQUIRED, *manifest.graph_names}


def _check_digest(directory: Path, content: bytes, digest: str) -> None:
    if hashlib.sha256(content).hexdigest() != digest:
        _refuse(directory, f"{MANIFEST} was changed while the bundle was loaded")


def _read_manifest(directory: Path) -> bytes:
    if not directory.is_dir():
        raise BundleError(f"{directory}: no such bundle directory", "burnish export RUN -o BUNDLE")
    path = directory / MANIFEST
    if not path.exists():
        if inside := sorted(each.parent.name for each in directory.glob(f"*/{MANIFEST}")):
            there = ", ".join(inside[:_NAMED]) + (" …" if len(inside) > _NAMED else "")
            raise BundleError(
                f"{directory}: this is a directory of bundles: {there}",
                f"name one of them: {directory / inside[0]}",
            )
        _refuse(directory, f"{MANIFEST} is missing: this is not a bundle, or not a complete one")
    if not stat.S_ISREG(path.lstat().st_mode):
        _refuse(directory, f"{MANIFEST} is a link or not a plain file")
    with _opened(path) as file:
        content = file.read(_MAX_MANIFEST_BYTES + 1)
    if len(content) > _MAX_MANIFEST_BYTES:
        _refuse(directory, f"{MANIFEST} is larger than {_MAX_MANIFEST_BYTES} bytes")
    return content


def _parse(directory: Path, content: bytes) -> Manifest:
    try:
        raw = json.loads(content)
    except (ValueError, RecursionError):
        _refuse(directory, f"{MANIFEST} is not valid JSON")
    version = raw.get("schema_version") if isinstance(raw, dict) else None
    if version != SCHEMA_VERSION or isinstance(version, bool):
        raise BundleError(
            f"{directory}: {MANIFEST} has schema version {str(version)[:20]}, this burnish reads "
            f"version {SCHEMA_VERSION}",
            "export the run again with this version of burnish, or install the one that wrote it",
        )
    try:
        manifest = Manifest.model_validate_json(content)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        _refuse(directory, f"{MANIFEST}: {where}: {first['msg']}")
    _check_seal(directory, content, manifest.seal)
    return manifest


def _check_seal(directory: Path, content: bytes, seal: str | None) -> None:
    if seal is None:
        return
    unsealed = _with_seal(content, seal, _UNSEALED)
    if hashlib.sha256(unsealed).hexdigest() != seal:
        _refuse(directory, f"{MANIFEST} is not the file that was exported (its seal differs)")


def _with_seal(content: bytes, old: str, new: str) -> bytes:
    """The seal is the manifest's last field, and so its digits' last occurrence."""
    before, _, after = content.rpartition(old.encode())
    return before + new.encode() + after


def _file_names(directory: Path) -> list[str]:
    """The names of the files that a manifest lists, sorted; what is not a plain file is refused."""
    names = []
    for entry in sorted(os.scandir(directory), key=lambda entry: entry.name):
        if not entry.is_file(follow_symlinks=False):
            _refuse(directory, f"{entry.name!r} is a link, a folder or not a plain file")
        if not _FILE_NAME.fullmatch(entry.name):
            _refuse(directory, f"{entry.name!r} was added: a bundle has no file of such a name")
        if entry.name != MANIFEST and not is_signature(entry.name):
            names.append(entry.name)
    return names


def _check_names(directory: Path, expected: set[str], found: set[str], *, exact: bool) -> None:
    if missing := sorted(expected - found):
        _refuse(directory, f"{missing[0]} is missing")
    if exact and (added := sorted(found - expected)):
        _refuse(directory, f"{added[0]} was added after the export")


def _entry(path: Path) -> FileEntry:
    with _opened(path) as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        return FileEntry(sha256=digest, size_bytes=file.tell())


@contextmanager
def _opened(path: Path) -> Iterator[BufferedReader]:
    try:
        with open(os.open(path, _READ), "rb") as file:
            yield file
    except OSError as error:
        raise BundleError(f"{path}: cannot be read: {error.strerror}") from error


def _is_entry(entry: FileEntry, content: bytes) -> bool:
    return entry.sha256 == hashlib.sha256(content).hexdigest()


def _refuse(directory: Path, message: str) -> NoReturn:
    raise BundleError(f"{directory}: {message}", _EXPORT_AGAIN)
