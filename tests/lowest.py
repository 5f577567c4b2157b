"""The lowest versions that pyproject.toml allows: ``make lowest`` tries them.

Makes an environment with every direct requirement of the base install and of the extras ``serve``,
``package`` and ``parquet`` at its floor, everything else as constraints.txt pins it, and runs the
tests of the core and of the service.
A floor that no test meets is a claim; uvicorn 0.30 was declared once and answered 500.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

__all__ = ["floors"]

ROOT = Path(__file__).parent.parent
VENVS = ROOT / ".cache" / "venvs"
TESTS = ("tests/core", "tests/service")
TOOLS = ("httpx", "hypothesis", "psutil", "pytest", "pytest-xdist", "selenium")
"""What the tests import, at its pinned version."""
REFERENCES = ("ml-dtypes", "pandas", "rouge-score", "sacrebleu", "scikit-learn", "scipy", "seqeval")
"""What the tests compare with, at whatever version goes with the oldest numpy."""
_FLOOR = re.compile(r"([A-Za-z0-9._-]+)(?:\[[^]]*\])?\s*(?:>=|==)\s*([0-9][0-9.]*)")


def floors(*extras: str) -> dict[str, str]:
    """The least version of each direct requirement of the base install and of some extras.

    Raises:
        ValueError: a requirement names no least version.
    """
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    optional = project["optional-dependencies"]
    listed = [*project["dependencies"], *(each for extra in extras for each in optional[extra])]
    found = {}
    for requirement in listed:
        match = _FLOOR.match(requirement)
        if match is None:
            raise ValueError(f"pyproject.toml: {requirement!r} has no least version")
        found[normalized(match[1])] = match[2]
    return found


def normalized(name: str) -> str:
    """A package's name as PEP 503 compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _pinned(lowest: dict[str, str]) -> list[str]:
    """The floors, and constraints.txt for everything that has none."""
    # pydantic names the one version of its core that it takes; the oldest tokenizers an older hub.
    free = {*lowest, *REFERENCES, "pydantic-core", "huggingface-hub"}
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    kept = [
        line
        for line in lines
        if line and not line.startswith("#") and normalized(line.partition("==")[0]) not in free
    ]
    return [*(f"{name}=={version}" for name, version in lowest.items()), *kept]


def _environment() -> Path:
    """The interpreter of an environment that holds the floors."""
    lowest = floors("serve", "package", "parquet") | {"onnx": floors("train")["onnx"]}
    pins = "\n".join(_pinned(lowest))
    folder = VENVS / f"lowest-{hashlib.sha256(pins.encode()).hexdigest()[:12]}"
    python = folder / "bin" / "python"
    if not (folder / "complete").exists():
        for stale in VENVS.glob("lowest-*"):
            shutil.rmtree(stale)
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        constraints = folder / "constraints.txt"
        constraints.write_text(pins + "\n", encoding="utf-8")
        pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        # burnish itself, so that an extra of a requirement (``name[extra]``) counts too.
        wanted = ["-e", f"{ROOT}[serve,package,parquet]", "onnx", *TOOLS, *REFERENCES]
        subprocess.run([*pip, "-c", str(constraints), *wanted], check=True)
        (folder / "complete").touch()
    return python


def main(arguments: list[str]) -> int:
    """Run the tests; arguments are pytest's."""
    # Old versions use what newer ones of their own requirements deprecate.
    command = [str(_environment()), "-m", "pytest", "-W", "ignore::DeprecationWarning"]
    command += arguments or TESTS
    return subprocess.run(command, cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
