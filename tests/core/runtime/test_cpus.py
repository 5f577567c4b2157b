import os

import pytest

from burnish.runtime.cpus import usable_cpus


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """A machine of 16 processors with no quota; returns a function that writes its files."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(16)), raising=False)

    def write(files: dict[str, str]) -> int:
        for name, content in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content)
        return usable_cpus(cgroups=tmp_path / "cgroup", own_cgroup=tmp_path / "own")

    return write


def test_without_groups_the_affinity_counts(machine):
    assert machine({}) == 16


@pytest.mark.parametrize(
    ("quota", "cpus"),
    [("max 100000", 16), ("200000 100000", 2), ("150000 100000", 1), ("50000 100000", 1)],
)
def test_the_quota_of_version_2_bounds(machine, quota, cpus):
    assert machine({"own": "0::/\n", "cgroup/cpu.max": quota}) == cpus


def test_the_tightest_group_above_bounds(machine):
    files = {"own": "0::/a/b\n", "cgroup/a/cpu.max": "300000 100000"}
    assert machine(files | {"cgroup/a/b/cpu.max": "400000 100000"}) == 3


def test_the_quota_of_version_1_bounds(machine):
    files = {"own": "3:cpu,cpuacct:/box\n2:memory:/box\n"}
    files |= {"cgroup/cpu/box/cpu.cfs_quota_us": "400000"}
    assert machine(files | {"cgroup/cpu/box/cpu.cfs_period_us": "100000"}) == 4


def test_no_quota_of_version_1_does_not_bound(machine):
    files = {"own": "3:cpu:/\n", "cgroup/cpu/cpu.cfs_quota_us": "-1"}
    assert machine(files | {"cgroup/cpu/cpu.cfs_period_us": "100000"}) == 16


def test_a_file_that_is_not_understood_does_not_bound(machine):
    assert machine({"own": "rubbish", "cgroup/cpu.max": "lots of it"}) == 16
