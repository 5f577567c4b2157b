"""How many processors this process may use: its affinity, bounded by its cgroup's quota."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

__all__ = ["CGROUPS", "OWN_CGROUP", "group_folders", "read_text", "usable_cpus"]

CGROUPS = Path("/sys/fs/cgroup")
OWN_CGROUP = Path("/proc/self/cgroup")


def usable_cpus(*, cgroups: Path = CGROUPS, own_cgroup: Path = OWN_CGROUP) -> int:
    """Whole processors, at least 1; a quota of 1.5 counts as 1, so that the system never throttles.

    Args:
        cgroups: where the control groups are mounted, version 2 or 1.
        own_cgroup: the file that names this process's groups.
    """
    quotas = list(_quotas(cgroups, own_cgroup))
    return max(1, int(min([float(_affinity()), *quotas])))


def _affinity() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _quotas(cgroups: Path, own_cgroup: Path) -> Iterator[float]:
    for folder in group_folders(cgroups, own_cgroup, controller="cpu"):
        quota, period = _numbers(folder / "cpu.max")
        if quota is None:
            quota, _ = _numbers(folder / "cpu.cfs_quota_us")
            period, _ = _numbers(folder / "cpu.cfs_period_us")
        if quota and period and quota > 0:
            yield quota / period


def group_folders(cgroups: Path, own_cgroup: Path, *, controller: str) -> Iterator[Path]:
    """The process's control groups and every group above them: the tightest limit holds.

    Args:
        cgroups: where the control groups are mounted, version 2 or 1.
        own_cgroup: the file that names this process's groups.
        controller: ``cpu`` or ``memory``; a folder of version 1 is called so.
    """
    for line in read_text(own_cgroup).splitlines():
        _, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        if controllers and controller not in controllers.split(","):
            continue
        root = cgroups / controller if controllers else cgroups
        folder = root / path.lstrip("/")
        yield folder
        yield from (parent for parent in folder.parents if parent.is_relative_to(root))
    # In a container, its own group is mounted as the root.
    yield from (cgroups, cgroups / controller)


def _numbers(path: Path) -> tuple[float | None, float | None]:
    fields = [_number(field) for field in read_text(path).split()]
    return (fields[0] if fields else None, fields[1] if len(fields) > 1 else None)


def _number(field: str) -> float | None:
    return float(field) if field.lstrip("-").isdigit() else None


def read_text(path: Path) -> str:
    """The text of one of the kernel's files; empty where there is none."""
    try:
        return path.read_text(encoding="ascii", errors="replace")
    except OSError:
        return ""
