"""What `burnish doctor` looks at: one function a subject, each gives findings with a fix."""

from __future__ import annotations

import os
import platform
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import metadata, util
from pathlib import Path
from typing import Literal

from burnish import __version__
from burnish.bench import Machine, describe_machine

__all__ = ["Finding", "check_up"]

Level = Literal["ok", "warn", "fail"]

_BASE = ("onnxruntime", "tokenizers", "numpy", "pydantic")
_EXTRAS = {
    "train": ("torch", "transformers", "peft", "optimum", "scikit-learn"),
    "serve": ("bentoml", "starlette", "uvicorn"),
}
_MIN_DISK_BYTES = 5 * 1024**3
_INT8 = ("avx2", "asimddp")
"""Instruction sets, x86 and ARM, without which int8 gains nothing."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report."""

    name: str
    level: Level
    found: str
    fix: str = ""


def check_up(directory: Path) -> list[Finding]:
    """Look over this installation and machine; ``directory`` is where the work would be done."""
    return [
        *_packages(),
        *_processor(describe_machine()),
        *_kernels(),
        *_telemetry(os.environ),
        *_disk(directory),
    ]


def _packages() -> Iterator[Finding]:
    yield Finding("burnish", "ok", f"{__version__} on Python {platform.python_version()}")
    found, missing = _versions(_BASE)
    yield Finding(
        "base",
        "fail" if missing else "ok",
        found,
        f"missing: {', '.join(missing)}; pip install burnish" if missing else "",
    )
    for extra, packages in _EXTRAS.items():
        found, missing = _versions(packages)
        if len(missing) == len(packages):
            yield Finding(extra, "ok", f"not installed (pip install 'burnish[{extra}]')")
        else:
            fix = f"missing: {', '.join(missing)}; pip install 'burnish[{extra}]'"
            yield Finding(extra, "warn" if missing else "ok", found, fix if missing else "")


def _versions(packages: tuple[str, ...]) -> tuple[str, list[str]]:
    found, missing = [], []
    for package in packages:
        try:
            found.append(f"{package} {metadata.version(package)}")
        except metadata.PackageNotFoundError:
            missing.append(package)
    return ", ".join(found), missing


def _processor(machine: Machine) -> Iterator[Finding]:
    counts = f"{machine.usable_cpus} usable of {machine.present_cpus} present"
    yield Finding("processors", "ok", f"{counts}: {machine.processor}")
    slow = not set(_INT8) & set(machine.instructions)
    yield Finding(
        "instructions",
        "warn" if slow else "ok",
        ", ".join(machine.instructions) or "none that are known",
        "int8 may be slower than fp32 here: export with --precision auto" if slow else "",
    )


def _kernels() -> Iterator[Finding]:
    # CVE-2026-4372: with this package, transformers 4 may run code that a model's config names.
    if util.find_spec("kernels") is not None:
        yield Finding(
            "kernels", "warn", "installed: train and export refuse", "pip uninstall kernels"
        )
    else:
        yield Finding("kernels", "ok", "not installed")


def _telemetry(environment: Mapping[str, str]) -> Iterator[Finding]:
    if util.find_spec("bentoml") is None:
        return
    quiet = environment.get("BENTOML_DO_NOT_TRACK", "").lower() == "true"
    yield Finding(
        "telemetry",
        "ok" if quiet else "warn",
        "BENTOML_DO_NOT_TRACK=True" if quiet else "off in burnish, on in the bentoml command",
        "" if quiet else "before you run bentoml yourself, run: export BENTOML_DO_NOT_TRACK=True",
    )


def _disk(directory: Path) -> Iterator[Finding]:
    free = shutil.disk_usage(directory).free
    little = free < _MIN_DISK_BYTES
    fix = f"a training may need {_MIN_DISK_BYTES // 1024**3} GiB: free some, or use another disk"
    yield Finding(
        "disk",
        "warn" if little else "ok",
        f"{free / 1024**3:.1f} GiB free in {directory.resolve()}",
        fix if little else "",
    )
