"""A virtual environment for each peer, with every version pinned.

A peer that does not install is reported with pip's own reason, and the others go on.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Environment", "ready_environment"]

REQUIREMENTS = Path(__file__).parent / "requirements"
INSTALL_WITHIN_S = 1800.0
POLITE = ("nice", "-n", "15")
REASON_CHARACTERS = 300


@dataclass(frozen=True, slots=True)
class Environment:
    """A peer's own Python, or why there is none."""

    name: str
    python: Path
    failure: str | None = None

    @property
    def bin(self) -> Path:
        """The folder of its commands."""
        return self.python.parent


def ready_environment(
    name: str,
    directory: Path,
    notify: Callable[[str], None],
    *,
    build: bool = True,
    requirements: Path | None = None,
) -> Environment:
    """Build an environment, unless it stands already with these requirements.

    Args:
        name: of ``requirements/NAME.txt`` where ``requirements`` is not given.
        directory: where environments are kept.
        notify: told when one is built, which takes minutes.
        build: build what is missing; else it counts as a failure.
        requirements: another file.
    """
    requirements = requirements or REQUIREMENTS / f"{name}.txt"
    target, digest = directory / name, _digest(requirements)
    environment = Environment(name, target / "bin" / "python")
    stamp = target / "requirements.sha256"
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == digest:
        return environment
    if not build:
        return _failed(environment, "not built (--no-build)")
    notify(f"{name}: building its environment, some minutes")
    shutil.rmtree(target, ignore_errors=True)
    python = shutil.which("python3.11") or sys.executable
    for step in (
        (python, "-m", "venv", str(target)),
        (str(environment.python), "-m", "pip", "install", "-r", str(requirements)),
    ):
        failure = _failure(*step)
        if failure is not None:
            return _failed(environment, failure)
    stamp.write_text(digest, encoding="utf-8")
    return environment


def _digest(requirements: Path) -> str:
    return hashlib.sha256(requirements.read_bytes()).hexdigest()


def _failure(*command: str) -> str | None:
    """None, or the last thing that the command said."""
    polite = POLITE if shutil.which("nice") else ()
    try:
        done = subprocess.run(
            [*polite, *command], capture_output=True, text=True, timeout=INSTALL_WITHIN_S
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"{type(error).__name__}: {error}"[:REASON_CHARACTERS]
    if done.returncode == 0:
        return None
    errors = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
    return " ".join(errors or done.stderr.splitlines()[-1:])[:REASON_CHARACTERS] or "no reason"


def _failed(environment: Environment, reason: str) -> Environment:
    return Environment(environment.name, environment.python, reason)
