"""The machine that figures were measured on: a time without it says nothing."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from burnish import __version__
from burnish.runtime import usable_cpus

__all__ = ["Machine", "describe_machine"]

_CPUINFO = Path("/proc/cpuinfo")
_NAME_KEYS = ("model name", "Hardware", "cpu model")
_FLAG_KEYS = ("flags", "Features")  # x86, ARM
_INSTRUCTIONS = (
    "avx2",
    "avx_vnni",
    "avx512f",
    "avx512_vnni",
    "amx_int8",
    "asimd",
    "asimddp",
    "i8mm",
)
_PACKAGES = ("onnxruntime", "tokenizers", "numpy")


@dataclass(frozen=True, slots=True)
class Machine:
    """Processor, system and versions."""

    processor: str
    instructions: tuple[str, ...]
    """Vector instruction sets that matter to int8 and fp32."""
    usable_cpus: int
    present_cpus: int
    system: str
    load: float
    """Processes that ran or waited over the last minute: above 0 others were at work too."""
    versions: dict[str, str]

    def to_json(self) -> dict[str, Any]:
        """As a JSON object."""
        return {name: getattr(self, name) for name in self.__slots__}

    def lines(self) -> tuple[str, ...]:
        """As text."""
        instructions = " ".join(self.instructions) or "instructions unknown"
        cpus = f"{self.usable_cpus} of {self.present_cpus} processors"
        versions = ", ".join(f"{name} {version}" for name, version in self.versions.items())
        return (
            f"{self.processor}: {cpus}, {instructions}",
            f"{self.system}; load before {self.load:.2f}",
            versions,
        )


def describe_machine(*packages: str) -> Machine:
    """Describe this machine.

    Args:
        packages: distributions whose versions count besides the runtime's own; those that are
            not installed are left out.
    """
    names, flags = _cpuinfo(_CPUINFO)
    return Machine(
        processor=names or platform.processor() or platform.machine(),
        instructions=tuple(name for name in _INSTRUCTIONS if name in flags),
        usable_cpus=usable_cpus(),
        present_cpus=os.cpu_count() or 1,
        system=f"{platform.system()} {platform.machine()}",
        load=round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else 0.0,
        versions=_versions((*_PACKAGES, *packages)),
    )


def _cpuinfo(path: Path) -> tuple[str, frozenset[str]]:
    """Name and flags of the first processor; empty where the system does not tell."""
    if not path.is_file():
        return "", frozenset()
    fields: dict[str, str] = {}
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        key, _, value = line.partition(":")
        fields.setdefault(key.strip(), value.strip())
    name = next((fields[key] for key in _NAME_KEYS if key in fields), "")
    return name, frozenset(flag for key in _FLAG_KEYS for flag in fields.get(key, "").split())


def _versions(packages: tuple[str, ...]) -> dict[str, str]:
    versions = {"burnish": __version__, "Python": platform.python_version()}
    for name in packages:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return versions
