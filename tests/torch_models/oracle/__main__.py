"""Record the answers of ``adapters`` 1.3.0 again: ``python -m tests.torch_models.oracle``.

The package is an oracle, not a dependency: it holds transformers below 4.58, so it gets an
environment of its own under ``.cache/venvs``. ``answers.safetensors`` is what it said, for the
encoders of ``cases.py``; ``tests/torch_models/test_structures.py`` compares ours with it.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

_ROOT = Path(__file__).parents[3]
_PINS = ("adapters==1.3.0", "transformers==4.57.6", "safetensors", "numpy")
_TORCH = "torch=="


def _environment() -> Path:
    """The interpreter of an environment with the package, and torch as constraints.txt pins it."""
    folder = _ROOT / ".cache" / "venvs" / "oracle-adapters-1.3.0"
    python = folder / "bin" / "python"
    if not (folder / "complete").exists():
        lines = (_ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
        torch = next(line for line in lines if line.startswith(_TORCH))
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
        pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, torch, *_PINS], check=True)
        (folder / "complete").touch()
    return python


if __name__ == "__main__":
    answers = Path(__file__).with_name("answers.safetensors")
    module = "tests.torch_models.oracle.record"
    subprocess.run([_environment(), "-m", module, answers], cwd=_ROOT, check=True)
