"""A bundle tried in a process of its own: loaded, tested and warmed up, with a deadline.

A graph can loop without end, take all memory, or end its process. In the process that serves, or
holds the lock on a model's versions, each of these would stop every later load: so a bundle is
tried elsewhere first. ``python -m burnish.self_test.trial BUNDLE SECONDS DIGEST`` is that process;
it ends itself at its deadline, whatever has become of the one that started it.
"""

from __future__ import annotations

import json
import math
import os
import resource
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from burnish.bundle import read_bundle, read_manifest
from burnish.errors import BundleError, BurnishError

__all__ = ["deadline_for", "try_bundle"]

_LEAST_S = 60.0
_BYTES_A_SECOND = 5_000_000
"""A slow machine under load verifies, loads and asks a graph of this size in a second."""
_GRACE_S = 2.0
_REFUSED = 3
_HINT = "export the run again: burnish export RUN -o BUNDLE"


def deadline_for(path: Path) -> float:
    """Seconds that a bundle of this size has to be loaded and to pass its self-test.

    Raises:
        BundleError: its manifest cannot be read.
    """
    files = read_manifest(path)[0].files.values()
    return _LEAST_S + sum(entry.size_bytes for entry in files) / _BYTES_A_SECOND


def try_bundle(path: Path, *, digest: str = "", deadline_s: float | None = None) -> None:
    """Load a bundle and run its self-test in another process.

    Args:
        path: the bundle.
        digest: the bundle's, if it has been verified: no other one is loaded then.
        deadline_s: for all of it; None: by the bundle's size.

    Raises:
        BundleError: it is damaged, answers otherwise than at export, is not ready at the deadline,
            or ends its process.
    """
    limit_s = deadline_for(path) if deadline_s is None else deadline_s
    command = [
        sys.executable,
        "-P",
        "-m",
        "burnish.self_test.trial",
        os.path.abspath(path),
        str(limit_s),
        digest,
    ]
    try:
        done = subprocess.run(  # noqa: S603  this interpreter, on a path
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": _own_path()},
            timeout=limit_s,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise _late(path, limit_s) from None
    _judge(path, done.returncode, done.stdout, limit_s=limit_s)


def _own_path() -> str:
    """What this process imports from: inside a service's archive, burnish is not installed."""
    return os.pathsep.join(entry or str(Path.cwd()) for entry in sys.path)


def _judge(path: Path, code: int, answer: bytes, *, limit_s: float) -> None:
    if code == 0:
        return
    if code == _REFUSED:
        with suppress(ValueError, TypeError):
            raise BundleError(*json.loads(answer))
    if code == -signal.SIGALRM:
        raise _late(path, limit_s)
    how = f"by {signal.Signals(-code).name}" if code < 0 else f"with code {code}"
    raise BundleError(
        f"{path}: the process that loaded it and ran its self-test ended {how}", _HINT
    )


def _late(path: Path, limit_s: float) -> BundleError:
    return BundleError(
        f"{path}: it did not load and pass its self-test within {limit_s:.0f} seconds: its graph "
        "may never end",
        _HINT,
    )


def _main(path: str, seconds: str, digest: str = "") -> int:
    """Try a bundle in this process; the reason of a refusal goes to standard output."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the process that waits says what happens
    signal.alarm(math.ceil(float(seconds) + _GRACE_S))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with suppress(OSError):  # where memory runs out, this process goes first
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")
    from burnish.runtime import open_model
    from burnish.self_test.replay import check_bundle

    try:
        with open_model(read_bundle(path, digest=digest), threads=1) as model:
            check_bundle(model)
    except BurnishError as error:
        print(json.dumps([error.message, error.hint]))
        return _REFUSED
    return 0


if __name__ == "__main__":
    sys.exit(_main(*sys.argv[1:]))
