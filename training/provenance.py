"""What a paper must state beside the figures: packages and machine."""

from __future__ import annotations

import os
import platform
from importlib import metadata
from pathlib import Path

from burnish.run import Hardware

__all__ = ["describe_hardware", "package_versions"]

_PACKAGES = (
    "accelerate",
    "burnish",
    "numpy",
    "peft",
    "safetensors",
    "scikit-learn",
    "tokenizers",
    "torch",
    "transformers",
)


def package_versions() -> dict[str, str]:
    """Versions of the packages that decide the figures."""
    return {name: metadata.version(name) for name in _PACKAGES}


def describe_hardware() -> Hardware:
    """This machine."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return Hardware(
        processor=_processor(),
        cores=len(os.sched_getaffinity(0)),
        memory_gib=round(memory / 2**30, 1),
        system=platform.system(),
        python=platform.python_version(),
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())
