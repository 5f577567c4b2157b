"""How much memory this process may use: the machine's, bounded by its control group's limit."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from burnish.runtime.cpus import CGROUPS, OWN_CGROUP, group_folders, read_text

__all__ = ["usable_memory_bytes"]

_LIMITS = ("memory.max", "memory.limit_in_bytes")
"""The files of control groups of version 2 and of version 1."""


def usable_memory_bytes(*, cgroups: Path = CGROUPS, own_cgroup: Path = OWN_CGROUP) -> int:
    """Bytes of the tightest limit; all of the machine's memory where there is none.

    Args:
        cgroups: where the control groups are mounted, version 2 or 1.
        own_cgroup: the file that names this process's groups.
    """
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return min([machine, *_limits(cgroups, own_cgroup)])


def _limits(cgroups: Path, own_cgroup: Path) -> Iterator[int]:
    for folder in group_folders(cgroups, own_cgroup, controller="memory"):
        for name in _LIMITS:
            found = read_text(folder / name).strip()
            if found.isdigit() and int(found):  # "max" is no number
                yield int(found)
