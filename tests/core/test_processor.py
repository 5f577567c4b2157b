"""The processor, by the kernel's description."""

from __future__ import annotations

import platform

import pytest

from burnish.processor import Processor, describe_processor

_X86 = "model name\t: A CPU\nflags\t\t: fpu avx2 avx512_vnni sse\n\nmodel name\t: B\nflags\t: x\n"
_ARM = "processor\t: 0\nFeatures\t: fp asimd asimddp crc32\n\nHardware\t: A board\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (_X86, Processor("A CPU", ("avx2", "avx512_vnni"))),
        (_ARM, Processor("A board", ("asimd", "asimddp"))),
    ],
)
def test_the_first_processor_is_described_by_what_matters(tmp_path, text, expected) -> None:
    cpuinfo = tmp_path / "cpuinfo"
    cpuinfo.write_text(text)

    assert describe_processor(cpuinfo) == expected


def test_where_the_kernel_names_none_the_platform_does(tmp_path) -> None:
    name = platform.processor() or platform.machine()

    assert describe_processor(tmp_path / "none") == Processor(name, ())
