"""Wheel and source distribution, the same bytes for the same commit: ``python -m release build``.

setuptools builds them, in the version that constraints.txt pins and without an isolated
environment, so that no network is needed.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from burnish.directory import write_synced
from release.archive import without_traces
from release.source import ROOT, ReleaseError, copy_source, source_date_epoch
from release.sums import write_sums

__all__ = ["Release", "build_release", "pins"]

_TOOLS = ("setuptools",)
"""What writes into the files, so that another version of it may write other bytes."""
_KEPT = ("PATH", "HOME", "TMPDIR")
_LAST_CHARACTERS = 2000


@dataclass(frozen=True, slots=True)
class Release:
    """The files of a release, in one directory."""

    wheel: Path
    sdist: Path
    epoch: int
    """The date of everything in them, seconds since 1970."""
    digest: str
    """SHA-256 of ``SHA256SUMS``, which holds the digest of every other file."""


def build_release(out: Path, root: Path = ROOT) -> Release:
    """Build wheel, source distribution, SBOM and VEX, and ``SHA256SUMS`` over them.

    Files that are there already may only be the same: a release is not built anew, but repeated.

    Args:
        out: the directory for them, which is made.
        root: the checkout.

    Raises:
        ReleaseError: setuptools is another version than constraints.txt pins, the build fails, or
            ``out`` holds other bytes under one of the names.
    """
    _check_tools(root)
    epoch = source_date_epoch(root)
    with tempfile.TemporaryDirectory(prefix="burnish-release-") as name:
        source, built = Path(name) / "source", Path(name) / "dist"
        copy_source(source, root)
        _build(source, built, epoch)
        (sdist,) = built.glob("*.tar.gz")
        (wheel,) = built.glob("*.whl")
        sdist.write_bytes(without_traces(sdist, epoch=epoch))
        _write_sbom(built, epoch, root)
        digest = write_sums(built)
        _publish(built, out)
    return Release(out / wheel.name, out / sdist.name, epoch, digest)


def pins(root: Path = ROOT) -> dict[str, str]:
    """The versions in constraints.txt, by the package's name as written there."""
    lines = (root / "constraints.txt").read_text(encoding="utf-8").splitlines()
    parted = (line.partition("==") for line in lines if not line.startswith("#"))
    return {name: pinned for name, _, pinned in parted if pinned}


def _check_tools(root: Path) -> None:
    pinned = pins(root)
    for tool in (*_TOOLS, "build"):
        try:
            found = version(tool)
        except PackageNotFoundError:
            found = "not installed"
        if found == "not installed" or (tool in _TOOLS and found != pinned[tool]):
            raise ReleaseError(
                f"{tool}: {found}; a release is built with {pinned[tool]}",
                f"make setup, or pip install {tool}=={pinned[tool]}",
            )


def _build(source: Path, built: Path, epoch: int) -> None:
    own = {name: os.environ[name] for name in _KEPT if name in os.environ}
    fixed = {"LC_ALL": "C.UTF-8", "TZ": "UTC", "PYTHONHASHSEED": "0", "PYTHONUTF8": "1"}
    done = subprocess.run(
        [sys.executable, "-P", "-m", "build", "--no-isolation", "--outdir", built, source],
        cwd=source,
        env={**own, **fixed, "SOURCE_DATE_EPOCH": str(epoch)},
        umask=0o022,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise ReleaseError(f"the build failed:\n{(done.stdout + done.stderr)[-_LAST_CHARACTERS:]}")


def _write_sbom(directory: Path, epoch: int, root: Path) -> None:
    """What the release consists of, and which known vulnerabilities concern it."""
    if find_spec("release.sbom") is not None:
        with _environment(SOURCE_DATE_EPOCH=str(epoch)):
            import_module("release.sbom").write_release_sbom(directory, root)


@contextmanager
def _environment(**variables: str) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _publish(built: Path, out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    for file in sorted(built.iterdir()):
        there = out / file.name
        if there.exists() and there.read_bytes() != file.read_bytes():
            raise ReleaseError(
                f"{there} exists and is another file than this checkout gives",
                f"remove {out}, or choose another directory with -o",
            )
    for file in sorted(built.iterdir()):
        write_synced(out / file.name, file.read_bytes())
