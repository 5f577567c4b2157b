"""How much memory this process may use: the machine's, bounded by its control group's limit."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from burnish.runtime.cpus import group_folders

__all__ = ["usable_memory_bytes"]

_CGROUPS = Path("/sys/fs/cgroup")
_OWN_CGROUP = Path("/proc/self/cgroup")
_LIMITS = ("memory.max", "memory.limit_in_bytes")
"""Of version 2 and of version 1."""


def usable_memory_bytes(*, cgroups: Path = _CGROUPS, own_cgroup: Path = _OWN_CGROUP) -> int:
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
            try:
                found = (folder / name).read_text(encoding="ascii").strip()
            except (OSError, ValueError):
                continue
            if found.isdigit() and int(found):  # "max" is no number
                yield int(found)
