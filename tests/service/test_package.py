"""A built bento answers where burnish is not installed and far from the repository."""

import os
import shutil
import socket
import subprocess
import sys
import time
import venv
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import bentoml
import httpx
import pytest

from burnish.errors import BundleError, MissingExtraError, UsageError
from burnish.service import package
from burnish.service.package import package_bundles
from tests.tiny_onnx import tiny_bundle

ROOT = Path(__file__).parents[2]


@pytest.fixture
def clean_python(tmp_path, monkeypatch) -> Path:
    """An interpreter with everything but burnish: an editable install's hook is not followed."""
    monkeypatch.delenv("PYTHONPATH", raising=False)
    venv.create(tmp_path / "clean", with_pip=False)
    packages = Path(bentoml.__file__).parents[1]
    (found,) = (tmp_path / "clean" / "lib").glob("python*/site-packages")
    (found / "others.pth").write_text(f"{packages}\n")
    python = tmp_path / "clean" / "bin" / "python"
    run = subprocess.run(
        [python, "-c", "import burnish"], capture_output=True, check=False, cwd=tmp_path
    )
    if run.returncode == 0:
        pytest.skip("burnish is installed as a wheel, and so found by any interpreter")
    return python


def packaged(directory: Path) -> Path:
    """What `burnish package` builds."""
    tiny_bundle(directory / "b" / "tiny", int8=True)
    return package_bundles([directory / "b"], name="tiny").path


def built_by_bentoml(directory: Path) -> Path:
    """What `bentoml build` makes of the repository, as bentofile.yaml says."""
    tree = directory / "tree"
    for room in ("burnish", "service", "tests/service"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / room, tree / room, ignore=ignored)
    shutil.copy(ROOT / "bentofile.yaml", tree)
    tiny_bundle(tree / "bundles" / "tiny", int8=True)
    command = [sys.executable, "-m", "bentoml", "build", "--output", "tag"]
    done = subprocess.run(command, cwd=tree, capture_output=True, text=True, check=True)
    tag = done.stdout.strip().removeprefix("__tag__:")
    return Path(os.environ["BENTOML_HOME"], "bentos", *tag.split(":"))


def by_our_server(bento: Path) -> tuple[list[str], Path]:
    """What the documents say: the rest of a command line, and where it is run."""
    return ["service"], bento / "src"


def by_bentoml(bento: Path) -> tuple[list[str], Path]:
    return ["bentoml", "serve", str(bento), "--host", "127.0.0.1"], bento.parent


@pytest.mark.slow
@pytest.mark.parametrize(
    ("build", "start"),
    [(packaged, by_our_server), (built_by_bentoml, by_our_server), (packaged, by_bentoml)],
)
def test_a_bento_answers_without_burnish(tmp_path, monkeypatch, clean_python, build, start):
    monkeypatch.setenv("BENTOML_HOME", str(tmp_path / "home"))
    bento = build(tmp_path)
    packed = {path.name for path in (bento / "src").iterdir() if path.is_dir()}
    assert packed == {"burnish", "service", "bundles"}
    port = free_port()
    log = (tmp_path / "log").open("wb")
    words, folder = start(bento)
    process = subprocess.Popen(
        [clean_python, "-m", *words, "--port", str(port)],
        cwd=folder,
        stdout=log,
        stderr=log,
    )
    try:
        reply = ask(process, f"http://127.0.0.1:{port}")
        upgraded = offer_upgrade(port)
    finally:
        process.terminate()
        process.wait(30)
        log.close()
    assert upgraded.count(b"HTTP/1.1 200 ") == 2
    assert reply.status_code == 200
    assert reply.json()[0]["label"] == "billing"
    assert b"invoice" not in (tmp_path / "log").read_bytes()


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def offer_upgrade(port: int) -> bytes:
    """A POST as Java's client sends it, and a request behind it."""
    body = b'{"inputs": "my invoice"}'
    head = (
        b"POST /classify HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n"
        b"Content-Length: %d\r\n\r\n" % len(body)
    )
    received = b""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(head)
        time.sleep(0.2)
        connection.sendall(
            body + b"GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        )
        while part := connection.recv(65536):
            received += part
    return received


def ask(process: subprocess.Popen, url: str) -> httpx.Response:
    end = time.monotonic() + 60
    while time.monotonic() < end and process.poll() is None:
        try:
            if httpx.get(f"{url}/readyz").status_code == 200:
                return httpx.post(f"{url}/classify", json={"inputs": "my invoice"})
        except httpx.TransportError:
            pass
        time.sleep(0.2)
    return pytest.fail("the bento did not become ready")


def test_a_package_that_bentoml_would_install_unasked_is_named(tmp_path, monkeypatch):
    """It asked pip for uv in the middle of a build: an error where there is no internet."""
    monkeypatch.setenv("PATH", "")

    def none(name):
        raise PackageNotFoundError(name)

    monkeypatch.setattr("burnish.service.package.version", none)
    with pytest.raises(MissingExtraError) as caught:
        package_bundles([tiny_bundle(tmp_path / "b")])
    assert caught.value.hint == "pip install 'burnish[package]'"


def test_a_damaged_bundle_is_not_packed(tmp_path):
    path = tiny_bundle(tmp_path / "b" / "damaged")
    (path / "config.json").write_text("{} ")
    with pytest.raises(BundleError, match=r"config\.json is not the file"):
        package_bundles([path])


@pytest.mark.parametrize("name", ["bad name!", "", "-a", "a.", "a" * 64, "a\n", "é"])
def test_a_name_that_bentoml_refuses_is_refused_first(tmp_path, name):
    with pytest.raises(UsageError, match="cannot be an archive's name") as caught:
        package_bundles([tmp_path / "none"], name=name)
    assert "letters a to z" in caught.value.hint


@pytest.fixture
def exported_to(monkeypatch) -> list[str]:
    """Where BentoML, which takes its time, is told to write."""
    told: list[str] = []

    def bentoml_(command: str, *words: str, **_: object) -> str:
        told.extend(words[1:] if command == "export" else [])
        return "__tag__:tiny:1\n"

    monkeypatch.setattr(package, "_bentoml", bentoml_)
    return told


@pytest.mark.parametrize(
    ("given", "written"),
    [("a", "a.bento"), ("a.v1", "a.v1.bento"), ("a.bento", "a.bento"), ("a.zip", "a.zip")],
)
def test_the_path_told_is_the_one_that_bentoml_writes(tmp_path, exported_to, given, written):
    bundle = tiny_bundle(tmp_path / "b")
    built = package_bundles([bundle], output=tmp_path / given)
    assert built.path == tmp_path / written
    assert exported_to == [str(tmp_path / written)]


@pytest.mark.parametrize(("given", "there"), [("a", "a.bento"), ("a.zip", "a.zip"), ("d", "d/x")])
def test_an_archive_that_exists_is_left_alone(tmp_path, exported_to, given, there):
    (tmp_path / there).parent.mkdir(exist_ok=True)
    (tmp_path / there).touch()
    with pytest.raises(UsageError, match=r"exists already|is a directory"):
        package_bundles([tmp_path / "none"], output=tmp_path / given)
    assert exported_to == []


@pytest.mark.slow
@pytest.mark.parametrize("name", ["a", "a.v1", "a.zip"])
def test_bentoml_writes_what_is_told(tmp_path, monkeypatch, name):
    monkeypatch.setenv("BENTOML_HOME", str(tmp_path / "home"))
    built = package_bundles([tiny_bundle(tmp_path / "b")], output=tmp_path / name)
    assert built.path.is_file()
