"""What a paper must state apart from the figures: packages and machine."""

from __future__ import annotations

import os
import platform
from importlib import metadata

from burnish.processor import describe_processor
from burnish.run import Hardware

from ..distributed.device import gpu_name

__all__ = ["describe_hardware", "package_versions"]


def package_versions() -> dict[str, str]:
    """Version of every installed package by name, since any of them may matter."""
    found: dict[str, str] = {}
    for package in metadata.distributions():
        about = package.metadata
        if "Name" in about and "Version" in about:  # else it is a remnant of a removed package
            found.setdefault(about["Name"], about["Version"])  # the first is the one imported
    return dict(sorted(found.items(), key=lambda item: item[0].casefold()))


def describe_hardware(*, device: str = "cpu") -> Hardware:
    """Describe this machine, and its GPU where ``device`` is "cuda"."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return Hardware(
        processor=describe_processor().name,
        gpu=gpu_name(device),
        cores=len(os.sched_getaffinity(0)),
        memory_gib=round(memory / 2**30, 1),
        system=platform.system(),
        python=platform.python_version(),
    )
