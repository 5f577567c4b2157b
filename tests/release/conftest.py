from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

import pytest

from release.build import pins
from release.source import FILES, FOLDERS
from tests.tiny_onnx import tiny_bundle

PROJECT = """\
[build-system]
requires = ["setuptools>=77"]
build-backend = "setuptools.build_meta"

[project]
name = "burnish"
version = "0.2.0"
readme = "README.md"
license = "Apache-2.0"
requires-python = ">=3.11"
dependencies = ["words>=1"]

[project.optional-dependencies]
serve = ["more-words>=2"]
all = ["burnish[serve]"]

[project.scripts]
burnish = "burnish:main"

[tool.setuptools]
packages = ["burnish"]
"""


@pytest.fixture(scope="session")
def small_checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of burnish's shape that is built in a moment and needs two small packages."""
    root = tmp_path_factory.mktemp("checkout") / "burnish"
    for folder in FOLDERS:
        (root / folder).mkdir(parents=True)
        (root / folder / "__init__.py").write_text("")
    (root / "burnish" / "__init__.py").write_text(
        "import more_words\nimport words\n\ndef main():\n    print('burnish', words.SAID)\n"
    )
    for name in FILES:
        (root / name).write_text("small\n")
    (root / "pyproject.toml").write_text(PROJECT)
    tools = {"torch": "2.0", "setuptools": pins()["setuptools"], "build": pins()["build"]}
    versions = {"words": "1.5", "more-words": "2.0"} | tools
    lines = [f"{name}=={version}\n" for name, version in versions.items()]
    (root / "constraints.txt").write_text("# pinned\n" + "".join(lines))
    tiny_bundle(root / "demo" / "bundles" / "tickets")
    return root


@pytest.fixture(scope="session")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of wheels, some newer than constraints.txt wants them."""
    folder = tmp_path_factory.mktemp("index")
    for name, version in (("words", "1.5"), ("words", "9.0"), ("more_words", "2.0")):
        write_wheel(folder, name, version)
    return folder


def write_wheel(folder: Path, name: str, version: str) -> Path:
    """A wheel of one module."""
    info = f"{name}-{version}.dist-info"
    files = {
        f"{name}.py": f"SAID = {version!r}\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{file},,\n" for file in (*files, f"{info}/RECORD"))
    path = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for file, content in (files | {f"{info}/RECORD": record}).items():
            archive.writestr(file, content)
    return path


@pytest.fixture(scope="session")
def offline_pip(index: Path) -> dict[str, str]:
    """Variables with which pip takes packages from the folder alone."""
    return {"PIP_CONFIG_FILE": "/dev/null", "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(index)}


def copy_checkout(root: Path, target: Path) -> Path:
    """Another checkout of the same content."""
    shutil.copytree(root, target)
    return target
