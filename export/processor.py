"""The processor that a bundle was verified on: its integer instructions decide int8's speed."""

from __future__ import annotations

import platform
from pathlib import Path

__all__ = ["describe_processor"]

_TELLING = ("avx2", "avx512f", "avx_vnni", "avx512_vnni", "amx_int8", "asimddp", "i8mm")
_CPUINFO = Path("/proc/cpuinfo")


def describe_processor(cpuinfo: Path = _CPUINFO) -> dict[str, str | list[str]]:
    """Architecture, model and the instruction sets that matter to quantized graphs.

    Args:
        cpuinfo: the kernel's description; elsewhere than on Linux nothing is told of instructions.
    """
    fields: dict[str, str] = {}
    if cpuinfo.is_file():
        for line in cpuinfo.read_text(encoding="utf-8", errors="replace").splitlines():
            key, _, value = line.partition(":")
            fields.setdefault(key.strip().lower(), value.strip())
    flags = set(fields.get("flags", fields.get("features", "")).split())
    return {
        "machine": platform.machine(),
        "model": fields.get("model name", platform.processor()),
        "instructions": [name for name in _TELLING if name in flags],
    }
