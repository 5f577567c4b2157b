"""Whether a kit does what it promises: ``python -m release check DIR``.

It is installed and serves in a network namespace that has the loopback device alone, under strace;
then copies of it are damaged in one place each, and must be refused by name.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from qualification.alone import run_alone, why_not_alone
from release.line import clean_environment
from release.source import ROOT, ReleaseError
from release.sums import SUMS, write_sums

__all__ = ["DAMAGES", "Finding", "check_kit", "copied", "installs_alone", "refusals"]

_LINE_WITHIN_S = 1800.0


@dataclass(frozen=True, slots=True)
class Finding:
    """One promise, and whether the kit holds it."""

    what: str
    figure: str
    passed: bool


@dataclass(frozen=True, slots=True)
class Damage:
    """What is done to a copy of a kit, and the line that names it."""

    what: str
    do: Callable[[Path], str]
    """Damages the kit; gives what the message must hold."""
    by_pip: bool = False
    """Only pip can see it: ``SHA256SUMS`` is written anew."""


def check_kit(kit: Path) -> Iterator[Finding]:
    """Every promise, one after the other.

    Raises:
        ReleaseError: it is no kit, or this machine cannot make a network namespace.
    """
    if not (kit / SUMS).is_file() or not (kit / "install.sh").is_file():
        raise ReleaseError(f"{kit}: this is not a kit", "python -m release airgap -o DIR")
    if why := why_not_alone():
        raise ReleaseError(f"the kit cannot be checked here: {why}")
    with tempfile.TemporaryDirectory(prefix=".check-", dir=kit.resolve().parent) as place:
        yield installs_alone(kit.resolve(), Path(place))
        yield from refusals(kit.resolve(), Path(place))


def installs_alone(kit: Path, folder: Path) -> Finding:
    """Install, predict and serve without a network."""
    begin = time.monotonic()
    done = run_alone(
        [sys.executable, "-m", "release.line", str(kit), str(folder)],
        trace=folder / "trace",
        cwd=ROOT,
        timeout_s=_LINE_WITHIN_S,
    )
    seconds = time.monotonic() - begin
    figure = (
        f"{len(done.outside)} calls beyond the loopback address, of {done.calls:,} network calls, "
        f"in {seconds:.0f} s"
    )
    if done.status != 0:
        return Finding("install, predict, serve", f"{figure}\n{done.stderr[-2000:]}", passed=False)
    answer = json.loads(done.stdout)["answered"][0]
    return Finding(
        "install, predict, serve",
        f"{figure}; answered {answer['label']} ({answer['score']:.3f})",
        passed=not done.outside and done.calls > 0,
    )


def refusals(kit: Path, folder: Path) -> Iterator[Finding]:
    """Each damage, and whether ``verify`` and ``install.sh`` name it and install nothing."""
    for number, damage in enumerate(DAMAGES):
        copy = copied(kit, folder / f"damaged-{number}")
        named = damage.do(copy)
        if damage.by_pip:
            (copy / SUMS).unlink()  # a link to the kit's own
            write_sums(copy)
        venv = folder / f"refused-{number}"
        scripts = [["install.sh", str(venv)]] + ([] if damage.by_pip else [["verify"]])
        silent = [script[0] for script in scripts if not _refuses(copy, script, named)]
        passed = not silent and not venv.exists()
        figure = f"refused by name: {named}" if passed else f"not refused: {silent or venv}"
        yield Finding(damage.what, figure, passed)


def copied(kit: Path, target: Path) -> Path:
    """A copy of a kit that shares its files: replace a file, do not write into it."""
    for path in [kit, *sorted(kit.rglob("*"))]:
        copy = target / path.relative_to(kit)
        if path.is_dir():
            copy.mkdir()
        else:
            os.link(path, copy)
    return target


def _refuses(kit: Path, script: list[str], named: str) -> bool:
    done = subprocess.run(
        ["sh", str(kit / script[0]), *script[1:]],
        env=clean_environment() | {"PYTHON": sys.executable},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode == 1 and named in done.stderr and "Traceback" not in done.stderr


def _smallest_wheel(kit: Path) -> Path:
    wheels = (kit / "wheelhouse").glob("*.whl")
    return min(wheels, key=lambda wheel: (wheel.stat().st_size, wheel.name))


def _change(path: Path) -> None:
    """Another bit in the middle of a file, in a file of its own."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.unlink()
    path.write_bytes(content)


def _changed_wheel(kit: Path) -> str:
    wheel = _smallest_wheel(kit)
    _change(wheel)
    return f"changed: wheelhouse/{wheel.name}"


def _wheel_of_other_sums(kit: Path) -> str:
    _change(_smallest_wheel(kit))
    return "DO NOT MATCH THE HASHES"


def _changed_model(kit: Path) -> str:
    (model, *_) = sorted(kit.glob("bundles/*/*.onnx"))
    _change(model)
    return f"changed: {model.relative_to(kit).as_posix()}"


def _changed_requirement(kit: Path) -> str:
    _change(kit / "requirements.txt")
    return "changed: requirements.txt"


def _missing_wheel(kit: Path) -> str:
    wheel = _smallest_wheel(kit)
    wheel.unlink()
    return f"missing: wheelhouse/{wheel.name}"


def _added_file(kit: Path) -> str:
    (kit / "wheelhouse" / "a wheel-9-py3-none-any.whl").write_bytes(b"")
    return "added: wheelhouse/a wheel-9-py3-none-any.whl"


def _link(kit: Path) -> str:
    wheel = _smallest_wheel(kit)
    wheel.rename(kit.with_name(f"{kit.name}-elsewhere"))
    wheel.symlink_to(kit.with_name(f"{kit.name}-elsewhere"))
    return f"a link: wheelhouse/{wheel.name}"


def _no_sums(kit: Path) -> str:
    (kit / SUMS).unlink()
    return f"missing: {SUMS}"


DAMAGES = (
    Damage("one bit of a wheel changed", _changed_wheel),
    Damage("one bit of a wheel changed, SHA256SUMS to match", _wheel_of_other_sums, by_pip=True),
    Damage("one bit of a model changed", _changed_model),
    Damage("one bit of requirements.txt changed", _changed_requirement),
    Damage("a wheel missing", _missing_wheel),
    Damage("a wheel added", _added_file),
    Damage("a wheel that is a link", _link),
    Damage("SHA256SUMS missing", _no_sums),
)
"""One place each; every one must be refused."""
