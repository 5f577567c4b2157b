"""A release is the same bytes wherever, whenever and by whomever it is built."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from release.build import build_release
from release.source import ROOT, ReleaseError, copy_source
from tests.release.conftest import copy_checkout

EPOCH = "1700000000"


def built(root: Path, out: Path, *, umask: int, **variables: str) -> dict[str, str]:
    """By name, the digest of each file of a release that another process builds."""
    code = (
        "import sys; from pathlib import Path; from release.build import build_release;"
        "build_release(Path(sys.argv[1]), Path(sys.argv[2]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, out, root],
        cwd=ROOT,
        env=os.environ | {"SOURCE_DATE_EPOCH": EPOCH} | variables,
        umask=umask,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in out.iterdir()}


@pytest.mark.slow
def test_two_builds_of_burnish_are_equal_byte_for_byte(tmp_path: Path) -> None:
    """Elsewhere, of other modes and times, under another umask, locale and time zone."""
    other = tmp_path / "another directory" / "of another depth"
    copy_source(other)
    (other / "constraints.txt").write_bytes((ROOT / "constraints.txt").read_bytes())
    for path in sorted(other.rglob("*"), reverse=True):
        path.chmod(0o700)
        os.utime(path, (1_234_567_890, 1_234_567_890))
    first = built(ROOT, tmp_path / "first", umask=0o022, LC_ALL="C.UTF-8", TZ="UTC")
    second = built(
        other, tmp_path / "second", umask=0o077, LC_ALL="C", TZ="Asia/Tokyo", PYTHONHASHSEED="7"
    )
    assert first == second
    assert {name.rpartition(".")[2] for name in first} >= {"whl", "gz", "SHA256SUMS"}


@pytest.fixture(scope="module")
def small(small_checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("small")
    built(small_checkout, out, umask=0o022)
    return out


def test_nothing_of_the_machine_is_in_the_files(small: Path) -> None:
    with tarfile.open(next(small.glob("*.tar.gz"))) as archive:
        members = archive.getmembers()
    assert {(m.uid, m.gid, m.uname, m.gname, m.mtime) for m in members} == {
        (0, 0, "", "", int(EPOCH))
    }
    assert {m.mode for m in members} == {0o644, 0o755}
    assert [m.name for m in members] == sorted(m.name for m in members)
    with zipfile.ZipFile(next(small.glob("*.whl"))) as archive:
        dates = {info.date_time for info in archive.infolist()}
        modes = {info.external_attr >> 16 & 0o777 for info in archive.infolist()}
    assert dates == {(2023, 11, 14, 22, 13, 20)}
    assert modes <= {0o644, 0o664}


def test_the_sums_are_those_of_the_files(small: Path) -> None:
    done = subprocess.run(
        ["sha256sum", "--check", "--strict", "SHA256SUMS"], cwd=small, capture_output=True
    )
    assert done.returncode == 0
    assert done.stdout.count(b"OK") == len(list(small.iterdir())) - 1


@pytest.mark.slow
def test_the_same_release_may_be_built_again_and_another_not(
    small_checkout: Path, small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", EPOCH)
    build_release(small, small_checkout)
    changed = copy_checkout(small_checkout, tmp_path / "changed")
    (changed / "burnish" / "__init__.py").write_text("x = 1\n")
    before = {path.name: path.read_bytes() for path in small.iterdir()}
    with pytest.raises(ReleaseError, match="exists and is another file than this checkout gives"):
        build_release(small, changed)
    assert {path.name: path.read_bytes() for path in small.iterdir()} == before


def test_another_setuptools_than_the_pinned_one_is_refused(
    small_checkout: Path, tmp_path: Path
) -> None:
    root = copy_checkout(small_checkout, tmp_path / "other")
    pinned = (root / "constraints.txt").read_text().splitlines()
    kept = [line for line in pinned if not line.startswith("setuptools")]
    (root / "constraints.txt").write_text("\n".join([*kept, "setuptools==1.0"]))
    with pytest.raises(ReleaseError, match=r"setuptools: [\d.]+; a release is built with 1\.0"):
        build_release(tmp_path / "out", root)
    assert not (tmp_path / "out").exists()


def test_a_project_that_cannot_be_built_is_told_with_the_reason(
    small_checkout: Path, tmp_path: Path
) -> None:
    root = copy_checkout(small_checkout, tmp_path / "broken")
    (root / "pyproject.toml").write_text('[project]\nname = "burnish"\n')
    with pytest.raises(ReleaseError, match="the build failed"):
        build_release(tmp_path / "out", root)
    assert not (tmp_path / "out").exists()
