"""The wheel, installed in clean environments outside the repository.

Two environments are kept under ``.cache/venvs``, one a set of pinned versions; only the wheel is
installed afresh each time.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from release.build import build_release
from release.source import FOLDERS
from tests.tiny_onnx import tiny_bundle

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("packaging")]

ROOT = Path(__file__).parent.parent
VENVS = ROOT / ".cache" / "venvs"
TRAINING = {"torch", "transformers", "peft", "optimum", "scikit-learn", "onnx", "datasets"}
MIB = 1024 * 1024


def run(*command: str | Path, cwd: Path) -> str:
    """Run a command without the repository in sight; its standard output."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    done = subprocess.run(
        [str(part) for part in command], cwd=cwd, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The release's own, of the tree as it is now."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOURCE_DATE_EPOCH", "1700000000")
        return build_release(tmp_path_factory.mktemp("dist")).wheel


def environment(name: str, extra: str, *, wheel: Path) -> Path:
    """The Python of an environment that holds the wheel, the extra, and nothing else."""
    pinned = (ROOT / "constraints.txt").read_bytes() + (ROOT / "pyproject.toml").read_bytes()
    folder = VENVS / f"{name}-{hashlib.sha256(pinned).hexdigest()[:12]}"
    python = folder / "bin" / "python"
    pip: list[str | Path] = [
        python,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
    ]
    if not (folder / "complete").exists():
        for stale in VENVS.glob(f"{name}-*"):
            shutil.rmtree(stale)
        run(sys.executable, "-m", "venv", folder, cwd=wheel.parent)
        run(*pip, "-c", ROOT / "constraints.txt", f"{wheel}{extra}", cwd=wheel.parent)
        (folder / "complete").touch()
    run(*pip, "--no-deps", "--force-reinstall", wheel, cwd=wheel.parent)
    return python


@pytest.fixture(scope="module")
def base(wheel: Path) -> Path:
    return environment("base", "", wheel=wheel)


@pytest.fixture(scope="module")
def serve(wheel: Path) -> Path:
    return environment("serve", "[serve]", wheel=wheel)


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_bundle(tmp_path_factory.mktemp("bundles") / "tiny")


def installed(python: Path) -> set[str]:
    listed = json.loads(run(python, "-m", "pip", "list", "--format", "json", cwd=Path("/")))
    return {entry["name"].lower() for entry in listed}


def size_bytes(python: Path) -> int:
    site = next((python.parent.parent / "lib").glob("python3*")) / "site-packages"
    return sum(path.lstat().st_size for path in site.rglob("*") if path.is_file())


@pytest.mark.skipif("PYTEST_XDIST_WORKER" not in os.environ, reason="there is one process")
def test_these_tests_run_in_one_process(request: pytest.FixtureRequest) -> None:
    # Two would install into one environment at once. pytest-xdist tells a group by this suffix.
    assert request.node.nodeid.endswith("@packaging")


def test_the_wheel_holds_burnish_alone(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"burnish"}
    assert "burnish/py.typed" in names
    assert {"burnish/training/__init__.py", "burnish/export/__init__.py"} <= set(names)
    assert {"burnish/service/__init__.py", "burnish/data/samples/tickets.csv"} <= set(names)


def test_the_wheel_holds_every_module(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    for folder in FOLDERS:
        for path in (ROOT / folder).rglob("*.py"):
            name = path.relative_to(ROOT).as_posix()
            assert (name if folder == "burnish" else f"burnish/{name}") in names


def test_the_wheel_holds_what_a_report_is_made_of(wheel: Path) -> None:
    folder = ROOT / "burnish" / "evidence" / "report" / "templates"
    templates = {path.name for path in folder.iterdir()}
    assert {"page.html", "style.css"} <= templates
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    assert {f"burnish/evidence/report/templates/{name}" for name in templates} <= names


def test_site_packages_gains_burnish_alone(base: Path) -> None:
    listed = run(base, "-m", "pip", "show", "--files", "burnish", cwd=Path("/")).splitlines()
    files = [line.strip() for line in listed[listed.index("Files:") + 1 :]]
    tops = {name.split("/")[0] for name in files}
    assert {top for top in tops if not top.endswith(".dist-info") and top != ".."} == {"burnish"}
    assert [name for name in files if name.startswith("..")] == ["../../../bin/burnish"]


def test_the_base_install_holds_no_training_library(base: Path) -> None:
    assert not (TRAINING | {"bentoml"}) & installed(base)


def test_the_serve_install_holds_no_training_library(serve: Path) -> None:
    assert "bentoml" in installed(serve)
    assert not TRAINING & installed(serve)


@pytest.mark.parametrize(("name", "limit_mib"), [("base", 260), ("serve", 400)])
def test_an_install_stays_small(
    name: str, limit_mib: int, request: pytest.FixtureRequest, record_property
) -> None:
    size = size_bytes(request.getfixturevalue(name))
    record_property(f"{name}_mib", size // MIB)
    print(f"{name} install: {size / MIB:.0f} MiB")
    assert size <= limit_mib * MIB


def test_the_base_install_answers_outside_the_repository(
    base: Path, bundle: Path, tmp_path: Path
) -> None:
    command = base.parent / "burnish"
    answer = json.loads(run(command, "predict", bundle, "the invoice was to my card", cwd=tmp_path))
    assert answer["labels"] == ["billing"]


def test_the_base_install_reads_its_samples(base: Path, tmp_path: Path) -> None:
    code = "from burnish.data import sample_path; print(sample_path('tickets'))"
    sample = run(base, "-c", code, cwd=tmp_path).strip()
    report = json.loads(run(base.parent / "burnish", "check", sample, "--json", cwd=tmp_path))
    assert report["ok"]


def test_the_base_install_names_the_extra_that_training_needs(base: Path, tmp_path: Path) -> None:
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text(run(base.parent / "burnish", "init", "classification", cwd=tmp_path))
    done = subprocess.run(
        [base.parent / "burnish", "train", recipe], capture_output=True, text=True, cwd=tmp_path
    )
    assert done.returncode == 1
    assert "pip install 'burnish[train]'" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_serve_install_imports_the_service_without_torch(serve: Path, tmp_path: Path) -> None:
    code = (
        "import importlib, pkgutil, sys\n"
        "import burnish.service as service\n"
        "for found in pkgutil.walk_packages(service.__path__, 'burnish.service.'):\n"
        "    importlib.import_module(found.name)\n"
        "print(*sorted({m.partition('.')[0] for m in sys.modules}))"
    )
    loaded = set(run(serve, "-c", code, cwd=tmp_path).split())
    assert not {"torch", "transformers", "onnx", "sklearn"} & loaded
