"""The wheels of a kit: every package that burnish needs on this platform, each with its digest."""

from __future__ import annotations

import platform
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from packaging.utils import parse_wheel_filename

from burnish.digest import file_sha256
from release.source import ReleaseError

__all__ = ["EXTRAS", "fill_wheelhouse", "least_glibc", "requirements_text"]

EXTRAS = ("serve", "all")
"""What a kit may be for: a machine that only serves (no torch), or everything."""
_LEGACY = {"manylinux1": (2, 5), "manylinux2010": (2, 12), "manylinux2014": (2, 17)}
_MANYLINUX = re.compile(r"manylinux_(\d+)_(\d+)_")
_LAST_CHARACTERS = 1500


def fill_wheelhouse(
    folder: Path, wheel: Path, *, extra: str, constraints: Sequence[Path]
) -> list[Path]:
    """Fetch a wheel's requirements as wheels, with pip and its configuration as they are.

    What an index has only as source is built here.

    Args:
        folder: where the wheels go, this one too.
        wheel: burnish's own.
        extra: which of its extras, of `EXTRAS`.
        constraints: files of the versions to take.

    Returns:
        The wheels, sorted by name.

    Raises:
        ReleaseError: pip cannot get one of them.
    """
    command = [sys.executable, "-m", "pip", "wheel", "--progress-bar", "off"]
    command += ["--wheel-dir", str(folder)]
    for file in constraints:
        command += ["--constraint", str(file)]
    # Not in the checkout, where Python would find its folders before packages of the same name.
    done = subprocess.run(
        [*command, f"{wheel.resolve()}[{extra}]"],
        cwd=wheel.parent,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,  # pip names a conflict on the one and its packages on the other
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise ReleaseError(
            f"pip could not fetch every wheel:\n{done.stdout.strip()[-_LAST_CHARACTERS:]}",
            "this machine needs an index, and for torch's build without CUDA one more: "
            "docs/how-to/air-gap.md",
        )
    return sorted(folder.glob("*.whl"))


def requirements_text(wheels: Sequence[Path]) -> str:
    """What ``pip install --require-hashes -r`` reads: each wheel's version and digest."""
    lines = ["# Every wheel of the wheelhouse: pip takes no other.\n"]
    for wheel in wheels:
        name, version, _, _ = parse_wheel_filename(wheel.name)
        lines.append(f"{name}=={version} \\\n    --hash=sha256:{file_sha256(wheel)}\n")
    return "".join(lines)


def least_glibc(wheels: Sequence[Path]) -> str:
    """The oldest glibc that all wheels load with, such as ``2.28``, from their platform tags."""
    needed: list[tuple[int, ...]] = [(2, 17)]  # older systems have no Python 3.11
    for wheel in wheels:
        versions = [found for tag in parse_wheel_filename(wheel.name)[3] for found in _of(str(tag))]
        needed += [min(versions)] if versions else []
    return ".".join(map(str, max(needed)))


def _of(tag: str) -> list[tuple[int, ...]]:
    """The glibc that a wheel's tag names; none: it holds no compiled code."""
    where = tag.rpartition("-")[2]
    if found := _MANYLINUX.match(where):
        return [(int(found[1]), int(found[2]))]
    if legacy := _LEGACY.get(where.partition("_")[0]):
        return [legacy]
    if where.startswith("linux_"):  # built on this machine
        return [tuple(int(part) for part in platform.libc_ver()[1].split("."))]
    return []
