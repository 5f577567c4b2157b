"""The wheels of a kit: digests, and the machines that they load on."""

from __future__ import annotations

import hashlib
import platform
from pathlib import Path

import pytest

from release.wheelhouse import least_glibc, requirements_text
from tests.release.conftest import write_wheel


def test_every_wheel_stands_in_the_requirements_with_its_digest(tmp_path: Path) -> None:
    wheels = [write_wheel(tmp_path, "more_words", "2.0"), write_wheel(tmp_path, "torch", "2.1+cpu")]
    digests = [hashlib.sha256(wheel.read_bytes()).hexdigest() for wheel in wheels]
    assert requirements_text(wheels).splitlines()[1:] == [
        "more-words==2.0 \\",
        f"    --hash=sha256:{digests[0]}",
        "torch==2.1+cpu \\",
        f"    --hash=sha256:{digests[1]}",
    ]


@pytest.mark.parametrize(
    ("tags", "glibc"),
    [
        (["py3-none-any"], "2.17"),
        (["cp311-cp311-manylinux_2_28_x86_64"], "2.28"),
        (["cp311-cp311-manylinux2014_x86_64.manylinux_2_17_x86_64.manylinux_2_28_x86_64"], "2.17"),
        (["cp311-abi3-manylinux_2_34_x86_64", "cp311-cp311-manylinux_2_28_x86_64"], "2.34"),
        (["cp311-cp311-manylinux1_x86_64", "cp311-cp311-manylinux2010_x86_64"], "2.17"),
        (["cp311-cp311-manylinux_2_5_x86_64", "cp311-cp311-manylinux_2_100_x86_64"], "2.100"),
        (["cp311-cp311-linux_x86_64"], platform.libc_ver()[1]),
    ],
)
def test_the_least_glibc_is_the_one_that_every_wheel_loads_with(tags, glibc: str) -> None:
    wheels = [Path(f"p{number}-1.0-{tag}.whl") for number, tag in enumerate(tags)]
    assert least_glibc(wheels) == glibc
