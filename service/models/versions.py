"""Versions of a model: ``NAME/VERSION/`` directories, and ``NAME/active.json``, which chooses.

Without ``active.json`` the newest version is active, in natural order (2 before 10, and of two
alike the one exported later), and the older ones are its history.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from burnish.bundle import read_manifest
from burnish.directory import sync
from burnish.errors import BundleError
from burnish.manifest import Name

from .contract import Contract, LabelsChange

__all__ = [
    "ACTIVE",
    "Active",
    "check_version",
    "find_active",
    "is_name",
    "locked",
    "refused_entries",
    "versions_of",
    "write_active",
]

ACTIVE: Final = "active.json"

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_NUMBERS = re.compile(r"(\d+)")
_MAX_BYTES = 4 * 1024 * 1024
"""As many as a manifest may have: both hold all labels."""
_HISTORY = 100


class Active(BaseModel):
    """``active.json``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    schema_version: Literal[1] = 1
    active: Name
    history: Annotated[tuple[Name, ...], Field(max_length=_HISTORY)] = ()
    """The versions that were active before, the latest last."""
    time: str
    """The time of the last switch, ISO 8601, UTC; empty where the order of versions decides."""
    contract: Contract | None = None
    """What callers rely on since the last switch; None without one, and in files of burnish 0.1."""
    labels_changes: Annotated[tuple[LabelsChange, ...], Field(max_length=_HISTORY)] = ()
    """Switches to versions with other labels, the latest last."""

    @property
    def by_order(self) -> bool:
        """Whether nobody has activated the version: it is the newest."""
        return not self.time

    def switched(self, version: str) -> Active:
        """The state after a switch to another version; this one becomes history."""
        former = tuple(each for each in (*self.history, self.active) if each != version)
        return self._to(version, former[-_HISTORY:])

    def rolled_back(self) -> Active:
        """The state after a return to the former version, which leaves the history."""
        return self._to(self.history[-1], self.history[:-1])

    def _to(self, version: str, history: tuple[str, ...]) -> Active:
        changes = self.labels_changes
        return Active(active=version, history=history, time=_now(), labels_changes=changes)

    def promising(self, contract: Contract, *, former: str = "", labels_change: str = "") -> Active:
        """This state with its version's contract, and the reason for a change of labels."""
        changes = self.labels_changes
        if labels_change:
            change = LabelsChange(
                version=self.active, former=former, reason=labels_change, time=self.time
            )
            changes = (*changes, change)[-_HISTORY:]
        return self.model_copy(update={"contract": contract, "labels_changes": changes})


def is_name(text: str) -> bool:
    """Whether a model or a version may be called so."""
    return _NAME.fullmatch(text) is not None


def versions_of(directory: Path) -> tuple[str, ...]:
    """The versions in a model's directory, the newest last; links are none."""
    found = [e.name for e in os.scandir(directory) if _is_version(e)]
    return tuple(sorted(found, key=lambda each: (_natural(each), _created(directory / each), each)))


def refused_entries(directory: Path) -> dict[str, str]:
    """Entries of a model's directory that look like versions and are not, with the reason."""
    refused = {}
    for entry in sorted(os.scandir(directory), key=lambda each: each.name):
        if entry.name.startswith(".") or entry.is_file(follow_symlinks=False):
            continue
        if entry.is_symlink():
            refused[entry.name] = "it is a link"
        elif not entry.is_dir(follow_symlinks=False):
            refused[entry.name] = "it is not a directory"
        elif not is_name(entry.name):
            refused[entry.name] = f"not a name for a version: {_NAME.pattern}"
    return refused


def check_version(directory: Path, version: str) -> Path:
    """The bundle directory of a version.

    Raises:
        BundleError: it is not a name, or not a directory of its own.
    """
    if not is_name(version):
        raise BundleError(
            f"{directory}: {version!r} is not a name for a version",
            "use 1 to 64 of A-Z a-z 0-9 . _ - with a letter or a digit first",
        )
    path = directory / version
    try:
        mode = path.lstat().st_mode
    except OSError as error:
        known = ", ".join(versions_of(directory)[-5:]) or "none"
        raise BundleError(
            f"{directory}: there is no version {version}", f"the newest are: {known}"
        ) from error
    if not stat.S_ISDIR(mode):
        raise BundleError(
            f"{path}: a version is a directory of its own, not a link and not a file",
            "export to it: burnish export RUN -o MODELS/NAME/VERSION",
        )
    return path


def find_active(directory: Path) -> Active:
    """Which version is active, by ``active.json`` or by the versions' order.

    Raises:
        BundleError: ``active.json`` is damaged, or there is no version.
    """
    if os.path.lexists(directory / ACTIVE):
        return _read(directory / ACTIVE)
    versions = versions_of(directory)
    if not versions:
        raise BundleError(
            f"{directory}: there is no version", "burnish export RUN -o MODELS/NAME/VERSION"
        )
    return Active(active=versions[-1], history=versions[:-1][-_HISTORY:], time="")


def write_active(directory: Path, active: Active) -> None:
    """Write ``active.json``: whoever reads it finds the old one or the new one, whole."""
    document = active.model_dump(mode="json")
    # burnish 0.1 refuses what it does not know: it reads a file that has no more than it wrote.
    optional = ("contract", "labels_changes")
    document = {k: v for k, v in document.items() if v or k not in optional}
    content = json.dumps(document, indent=1, ensure_ascii=False) + "\n"
    descriptor, partial = tempfile.mkstemp(prefix=f".{ACTIVE}.", suffix=".partial", dir=directory)
    try:
        with open(descriptor, "w", encoding="utf-8") as file:
            os.fchmod(file.fileno(), 0o644)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, directory / ACTIVE)
    except BaseException:
        Path(partial).unlink(missing_ok=True)
        raise
    sync(directory)


@contextmanager
def locked(directory: Path) -> Iterator[None]:
    """Let nobody else switch this model's version meanwhile."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _is_version(entry: os.DirEntry[str]) -> bool:
    return is_name(entry.name) and entry.is_dir(follow_symlinks=False)


def _natural(name: str) -> tuple[tuple[int, int, str], ...]:
    parts = _NUMBERS.split(name)
    return tuple((0, int(p), "") if p.isdigit() else (1, 0, p) for p in parts if p)


def _created(path: Path) -> str:
    try:
        return read_manifest(path)[0].created
    except (BundleError, OSError):
        return ""


def _read(path: Path) -> Active:
    hint = "choose a version: burnish models activate MODELS NAME VERSION"
    try:
        # O_NONBLOCK: a pipe of this name is refused, not waited for.
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
        with open(os.open(path, flags), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise BundleError(f"{path} is not a plain file", hint)
            content = file.read(_MAX_BYTES + 1)
    except OSError as error:
        raise BundleError(
            f"{path}: cannot be read, or is a link: {error.strerror}", hint
        ) from error
    if len(content) > _MAX_BYTES:
        raise BundleError(f"{path} is larger than {_MAX_BYTES} bytes", hint)
    try:
        return Active.model_validate_json(content)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "it"
        raise BundleError(f"{path}: {where}: {first['msg']}", hint) from error


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
