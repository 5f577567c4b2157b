"""The machine that figures were measured on: a time without it says nothing."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from importlib import metadata
from typing import Any

from burnish import __version__
from burnish.processor import describe_processor
from burnish.runtime import usable_cpus

__all__ = ["Machine", "describe_machine"]

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
    processor = describe_processor()
    return Machine(
        processor=processor.name,
        instructions=processor.instructions,
        usable_cpus=usable_cpus(),
        present_cpus=os.cpu_count() or 1,
        system=f"{platform.system()} {platform.machine()}",
        load=round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else 0.0,
        versions=_versions((*_PACKAGES, *packages)),
    )


def _versions(packages: tuple[str, ...]) -> dict[str, str]:
    versions = {"burnish": __version__, "Python": platform.python_version()}
    for name in packages:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return versions
