"""Install a kit, serve from it and ask: ``python -m release.line KIT FOLDER``.

Run where only the loopback device exists; it is brought up here.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from time import monotonic, sleep

from qualification.alone import raise_loopback
from qualification.servers import HOST, free_port

__all__ = ["TEXT", "clean_environment"]

TEXT = "The money for my lamp left my account twice."
_READY_WITHIN_S = 120.0
_STOP_WITHIN_S = 20.0


def clean_environment() -> dict[str, str]:
    """This process's environment without what speaks of its own Python and of pip."""
    return {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "PIP_", "VIRTUAL_"))}


def run_line(kit: Path, folder: Path) -> None:
    """The whole line; ends the process where a part fails. Prints one JSON object."""
    venv = folder / "venv"
    _run("sh", str(kit / "install.sh"), str(venv), PYTHON=sys.executable)
    burnish = str(venv / "bin" / "burnish")
    _run(burnish, "doctor")
    bundle = next(path for path in sorted((kit / "bundles").iterdir()) if path.is_dir())
    predicted = json.loads(_run(burnish, "predict", str(bundle), TEXT, "--json"))
    port = free_port()
    with (folder / "server.log").open("wb") as log:
        server = subprocess.Popen(
            [burnish, "serve", str(kit / "bundles"), "--port", str(port)],
            stdout=log,
            stderr=subprocess.STDOUT,
            env=clean_environment(),
            cwd=folder,
        )
        try:
            _wait_ready(server, port, folder / "server.log")
            status, answer = _ask(port, "POST", "/classify", json.dumps({"inputs": TEXT}))
            if status != 200:
                raise SystemExit(f"/classify answers {status}: {answer}")
        finally:
            server.terminate()
            server.wait(_STOP_WITHIN_S)
    print(json.dumps({"predicted": predicted, "answered": json.loads(answer)}))


def _run(*command: str, **variables: str) -> str:
    done = subprocess.run(
        command,
        env=clean_environment() | variables,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)}: {done.stdout[-500:]}{done.stderr[-1500:]}")
    return done.stdout


def _wait_ready(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    begin = monotonic()
    while monotonic() - begin < _READY_WITHIN_S and server.poll() is None:
        with suppress(OSError, HTTPException):
            if _ask(port, "GET", "/readyz")[0] == 200:
                return
        sleep(0.1)
    raise SystemExit(f"no server: {log.read_text(encoding='utf-8', errors='replace')[-1500:]}")


def _ask(port: int, method: str, path: str, body: str | None = None) -> tuple[int, str]:
    connection = HTTPConnection(HOST, port, timeout=60)
    try:
        connection.request(method, path, body, {"Content-Type": "application/json"})
        reply = connection.getresponse()
        return reply.status, reply.read().decode()
    finally:
        connection.close()


if __name__ == "__main__":
    raise_loopback()
    run_line(Path(sys.argv[1]), Path(sys.argv[2]))
