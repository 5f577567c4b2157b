"""A built bento answers where burnish is not installed and far from the repository."""

import subprocess
import time
import venv
from pathlib import Path

import bentoml
import httpx
import pytest

from burnish.errors import BundleError
from burnish.service.package import package_bundles
from tests.tiny_onnx import tiny_bundle


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


@pytest.mark.slow
def test_a_bento_answers_without_burnish(tmp_path, monkeypatch, clean_python):
    monkeypatch.setenv("BENTOML_HOME", str(tmp_path / "home"))
    tiny_bundle(tmp_path / "b" / "tiny", int8=True)
    package = package_bundles([tmp_path / "b"], name="tiny")
    assert package.tag.startswith("tiny:")
    assert {path.name for path in (package.path / "src").iterdir()} >= {
        "burnish",
        "service",
        "bundles",
    }
    log = (tmp_path / "log").open("wb")
    command = [clean_python, "-m", "bentoml", "serve", package.tag, "--host", "127.0.0.1"]
    process = subprocess.Popen(
        [*command, "--port", "38917"],
        cwd=tmp_path,
        stdout=log,
        stderr=log,
    )
    try:
        reply = ask(process, "http://127.0.0.1:38917")
    finally:
        process.terminate()
        process.wait(30)
        log.close()
    assert reply.status_code == 200
    assert reply.json()[0]["label"] == "billing"
    assert b"invoice" not in (tmp_path / "log").read_bytes()


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


def test_a_damaged_bundle_is_not_packed(tmp_path):
    path = tiny_bundle(tmp_path / "b" / "damaged")
    (path / "config.json").write_text("{} ")
    with pytest.raises(BundleError, match=r"config\.json is not the file"):
        package_bundles([path])
