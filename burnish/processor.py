"""The processor of this machine: its name, and the instructions that decide the speed of int8."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Processor", "describe_processor"]

_CPUINFO = Path("/proc/cpuinfo")
_NAME_KEYS = ("model name", "hardware", "cpu model")
_FLAG_KEYS = ("flags", "features")  # x86, ARM
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


@dataclass(frozen=True, slots=True)
class Processor:
    """The first processor; all are taken to be alike."""

    name: str
    instructions: tuple[str, ...]
    """Vector instruction sets that matter to int8 and fp32; empty where the system names none."""


def describe_processor(cpuinfo: Path = _CPUINFO) -> Processor:
    """Name and instruction sets.

    Args:
        cpuinfo: the kernel's description; systems other than Linux have none.
    """
    fields: dict[str, str] = {}
    if cpuinfo.is_file():
        for line in cpuinfo.read_text(encoding="utf-8", errors="replace").splitlines():
            key, _, value = line.partition(":")
            fields.setdefault(key.strip().lower(), value.strip())
    name = next((fields[key] for key in _NAME_KEYS if fields.get(key)), "")
    flags = {flag for key in _FLAG_KEYS for flag in fields.get(key, "").split()}
    return Processor(
        name=name or platform.processor() or platform.machine(),
        instructions=tuple(each for each in _INSTRUCTIONS if each in flags),
    )
