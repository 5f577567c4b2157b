"""A kit of a small project: made, installed where there is no network, and refused when damaged.

``python -m release check DIR`` does the same, and more, with a kit of burnish itself.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from burnish.errors import BundleError, UsageError
from qualification.alone import run_alone, why_not_alone
from release.__main__ import main
from release.airgap import Kit, make_kit
from release.check import check_kit, copied, refusals
from release.line import clean_environment
from release.source import ReleaseError
from release.sums import SUMS, write_sums
from tests.release.conftest import copy_checkout
from tests.tiny_onnx import tiny_bundle

pytestmark = pytest.mark.xdist_group("airgap")
ALONE = pytest.mark.skipif(bool(why_not_alone()), reason=why_not_alone() or "can be run alone")


@pytest.fixture(autouse=True, scope="module")
def offline(offline_pip: dict[str, str]) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("PIP_")]:
            patch.delenv(name)
        for name, value in (offline_pip | {"SOURCE_DATE_EPOCH": "1700000000"}).items():
            patch.setenv(name, value)
        yield


@pytest.fixture(scope="module")
def made(small_checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Kit:
    out = tmp_path_factory.mktemp("kits") / "a kit"
    return make_kit(out, extra="serve", tar=True, root=small_checkout)


@pytest.fixture
def kit(made: Kit, tmp_path: Path) -> Path:
    """A copy that a test may damage; files are shared."""
    return copied(made.path, tmp_path / "a kit")


def script(kit: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", kit / words[0], *words[1:]],
        env=clean_environment() | {"PYTHON": sys.executable} | variables,
        capture_output=True,
        text=True,
    )


def replace(file: Path, old: str, new: str) -> None:
    """Change a file of a kit in this copy alone, and ``SHA256SUMS`` with it."""
    text = file.read_text()
    assert old in text
    for changed in (file, file.parent / SUMS):
        changed.unlink()
    file.write_text(text.replace(old, new))
    write_sums(file.parent)


def test_a_kit_holds_everything_and_its_digests(made: Kit) -> None:
    names = {path.relative_to(made.path).as_posix() for path in made.path.rglob("*")}
    wheels = {name for name in names if name.endswith(".whl")}
    assert wheels == {
        "wheelhouse/burnish-0.2.0-py3-none-any.whl",
        "wheelhouse/more_words-2.0-py3-none-any.whl",
        "wheelhouse/words-1.5-py3-none-any.whl",  # as constraints.txt wants it, not the newest
    }
    assert made.wheels == 3
    assert {"verify", "install.sh", "README.md", "requirements.txt", "constraints.txt"} <= names
    assert "bundles/tickets/manifest.json" in names
    sums = (made.path / SUMS).read_bytes()
    assert made.digest == hashlib.sha256(sums).hexdigest()
    assert len(sums.splitlines()) == sum(path.is_file() for path in made.path.rglob("*")) - 1
    assert os.access(made.path / "verify", os.X_OK)
    assert os.access(made.path / "install.sh", os.X_OK)
    for name in ("README.md", "install.sh"):
        assert not re.search(r"@[A-Z]+@", (made.path / name).read_text()), name


def test_the_tar_holds_the_kit_and_nothing_of_the_machine(made: Kit, tmp_path: Path) -> None:
    with tarfile.open(made.path.with_name("a kit.tar")) as archive:
        members = archive.getmembers()
        archive.extractall(tmp_path, filter="data")
    assert {(m.uid, m.gid, m.uname, m.mtime) for m in members} == {(0, 0, "", 1_700_000_000)}
    assert [m.name for m in members] == sorted(m.name for m in members)
    assert made.digest in script(tmp_path / "a kit", "verify", made.digest).stdout


@pytest.mark.slow
@ALONE
def test_a_kit_is_installed_without_a_network_and_without_the_settings_of_pip(
    made: Kit, tmp_path: Path
) -> None:
    """Each of the settings alone ends an installation, or sends it elsewhere."""
    venv = tmp_path / "a venv"
    settings = {
        "PIP_CONSTRAINT": str(tmp_path / "missing.txt"),
        "PIP_TARGET": str(tmp_path / "elsewhere"),
        "PIP_CONFIG_FILE": str(tmp_path / "pip.conf"),
        "PYTHONPATH": str(tmp_path),
        "PYTHON": sys.executable,
    }
    (tmp_path / "pip.conf").write_text("[install]\nno-binary = :all:\n")
    (tmp_path / "words.py").write_text("SAID = 'shadow'\n")
    done = run_alone(
        [
            *("env", *(f"{name}={value}" for name, value in settings.items())),
            *("sh", str(made.path / "install.sh"), str(venv)),
        ],
        trace=tmp_path / "trace",
        cwd=tmp_path,
        timeout_s=300,
    )
    assert (done.status, done.stderr, done.outside) == (0, "", ())
    assert f"installed: burnish 1.5, in {venv}" in done.stdout
    assert not (tmp_path / "elsewhere").exists()
    again = script(made.path, "install.sh", str(venv))
    assert (again.returncode, again.stdout) == (1, "")
    assert again.stderr == f"install.sh: {venv} exists already: name a new directory\n"


@pytest.mark.slow
def test_every_damage_is_refused_by_name(made: Kit, tmp_path: Path) -> None:
    found = list(refusals(made.path, tmp_path))
    assert [each.figure for each in found if not each.passed] == []
    assert len(found) == 8
    assert script(made.path, "verify").returncode == 0  # the damaged ones were copies


def test_every_single_file_is_watched(made: Kit, tmp_path: Path) -> None:
    files = [path for path in sorted(made.path.rglob("*")) if path.is_file()]
    for number, file in enumerate(path.relative_to(made.path) for path in files):
        copy = copied(made.path, tmp_path / str(number))
        content = (copy / file).read_bytes() + b"\n"  # a script of one more line still runs
        (copy / file).unlink()
        (copy / file).write_bytes(content)
        # Who can change SHA256SUMS is found out by the digest alone.
        done = script(copy, "verify", *([made.digest] if file.name == SUMS else []))
        assert done.returncode == 1, file
        assert f"changed: {file.as_posix()}" in done.stderr


@pytest.mark.parametrize("name", ["new.txt", "wheelhouse/with space", ".hidden", "bundles/x\ny"])
def test_an_added_file_is_named(kit: Path, name: str) -> None:
    (kit / name).write_text("")
    done = script(kit, "verify")
    assert done.returncode == 1
    assert f"added: {name.partition(chr(10))[0]}" in done.stderr


def test_the_digest_of_another_kit_is_refused(kit: Path, tmp_path: Path) -> None:
    done = script(kit, "verify", "0" * 64)
    assert done.returncode == 1
    assert "changed: SHA256SUMS: its digest is" in done.stderr
    done = script(kit, "install.sh", str(tmp_path / "venv"), "0" * 64)
    assert done.returncode == 1
    assert not (tmp_path / "venv").exists()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (r"soabi=cpython-3", "soabi=cpython-9", "this kit is for python3"),
        ("glibc=2.", "glibc=9.", r"this kit needs glibc 9\.\d+ or newer; this machine has 2\."),
    ],
)
def test_another_machine_is_refused(kit: Path, tmp_path: Path, old: str, new: str, message) -> None:
    replace(kit / "install.sh", old, new)
    done = script(kit, "install.sh", str(tmp_path / "venv"))
    assert done.returncode == 1
    assert re.match(rf"install\.sh: {message}", done.stderr)
    assert not (tmp_path / "venv").exists()


def test_a_missing_interpreter_is_named(kit: Path, tmp_path: Path) -> None:
    done = script(kit, "install.sh", str(tmp_path / "venv"), PYTHON="python3.99")
    assert done.returncode == 1
    assert done.stderr.startswith("install.sh: there is no python3.99: install python3.")


@pytest.mark.parametrize("words", [(), ("a", "b", "c")])
def test_the_usage_is_told(kit: Path, words: tuple[str, ...]) -> None:
    done = script(kit, "install.sh", *words)
    assert (done.returncode, done.stderr) == (2, "usage: ./install.sh DIRECTORY [DIGEST]\n")


@pytest.mark.slow
def test_a_wheel_that_is_not_required_cannot_come_in(kit: Path, tmp_path: Path) -> None:
    """pip takes what requirements.txt lists, and misses what is not."""
    lines = (kit / "requirements.txt").read_text().splitlines(keepends=True)
    replace(kit / "requirements.txt", "".join(lines[-2:]), "")
    done = script(kit, "install.sh", str(tmp_path / "venv"))
    assert done.returncode == 1
    assert "pip refused the wheels; nothing was installed" in done.stderr
    assert not (tmp_path / "venv").exists()


def test_without_a_sample_the_kit_says_how_to_make_one(
    small_checkout: Path, tmp_path: Path
) -> None:
    root = copy_checkout(small_checkout, tmp_path / "checkout")
    shutil.rmtree(root / "demo")
    with pytest.raises(ReleaseError, match="make demo trains it; or name a bundle"):
        make_kit(tmp_path / "kit", root=root)
    assert not (tmp_path / "kit").exists()


def test_bundles_of_one_name_are_refused(small_checkout: Path, tmp_path: Path) -> None:
    bundles = [tiny_bundle(tmp_path / place / "same") for place in ("a", "b")]
    with pytest.raises(ReleaseError, match="two bundles have the name same"):
        make_kit(tmp_path / "kit", bundles=bundles, root=small_checkout)


def test_a_damaged_bundle_is_refused(small_checkout: Path, tmp_path: Path) -> None:
    bundle = tiny_bundle(tmp_path / "bundle")
    (bundle / "config.json").write_text("{}")
    with pytest.raises(BundleError, match=r"config\.json"):
        make_kit(tmp_path / "kit", bundles=[bundle], root=small_checkout)
    assert not (tmp_path / "kit").exists()


def test_a_place_that_is_taken_is_refused(small_checkout: Path, made: Kit, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="exists already and is not empty"):
        make_kit(made.path, root=small_checkout)
    (tmp_path / "kit.tar").write_text("")
    with pytest.raises(ReleaseError, match=r"kit\.tar exists already"):
        make_kit(tmp_path / "kit", tar=True, root=small_checkout)


def test_wheels_that_cannot_be_fetched_leave_nothing_behind(
    small_checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PIP_FIND_LINKS")
    with pytest.raises(ReleaseError, match=r"\(constraint\) words==1\.5"):
        make_kit(tmp_path / "kit", root=small_checkout)
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_kit_is_not_checked(tmp_path: Path, capsys) -> None:
    with pytest.raises(ReleaseError, match="this is not a kit"):
        next(check_kit(tmp_path))
    assert main(["check", str(tmp_path)]) == 1
    assert "python -m release airgap -o DIR" in capsys.readouterr().err
