import os

import pytest

from burnish.runtime.usable_memory import usable_memory_bytes

MACHINE = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({}, MACHINE),
        ({"own": "0::/\n", "cgroup/memory.max": "536870912\n"}, 2**29),
        ({"own": "0::/\n", "cgroup/memory.max": "max\n"}, MACHINE),
        ({"own": "0::/a/b\n", "cgroup/a/memory.max": "4096", "cgroup/a/b/memory.max": "max"}, 4096),
        ({"own": "4:memory:/box\n", "cgroup/memory/box/memory.limit_in_bytes": "1048576\n"}, 2**20),
        ({"own": "4:memory:/\n", "cgroup/memory/memory.limit_in_bytes": f"{2**62}"}, MACHINE),
        ({"own": "rubbish", "cgroup/memory.max": "much"}, MACHINE),
    ],
)  # fmt: skip
def test_the_tightest_limit_counts(tmp_path, files, expected):
    for name, content in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    found = usable_memory_bytes(cgroups=tmp_path / "cgroup", own_cgroup=tmp_path / "own")
    assert found == expected
