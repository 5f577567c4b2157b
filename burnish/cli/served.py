"""A server in a process of its own, on a free port of this machine, while a block runs."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO, cast

from burnish.errors import BurnishError

__all__ = ["Client", "served"]

_START_TIMEOUT_S = 60.0
_STOP_TIMEOUT_S = 30.0
_ADDRESS = "burnish serves on "


class Client:
    """Asks a server of this machine."""

    def __init__(self, url: str) -> None:
        self.url = url

    def ask(self, route: str, body: Any) -> Any:
        """POST a JSON body; the JSON reply."""
        request = urllib.request.Request(  # noqa: S310  our own server
            self.url + route,
            data=json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=_START_TIMEOUT_S) as reply:  # noqa: S310
            return json.load(reply)


@contextmanager
def served(bundles: Sequence[Path]) -> Iterator[Client]:
    """Serve bundles with ``burnish serve`` while the block runs.

    Raises:
        BurnishError: the server did not start; holds what it said.
    """
    command = [sys.executable, "-m", "burnish", "serve", "--port", "0", *map(str, bundles)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:  # noqa: S603
        try:
            yield Client(_address(process))
        finally:
            process.terminate()
            process.wait(_STOP_TIMEOUT_S)


def _address(process: subprocess.Popen[str]) -> str:
    """Read what the server says up to its address, and the rest aside, so that it never blocks."""
    watchdog = threading.Timer(_START_TIMEOUT_S, process.kill)
    watchdog.start()
    said = []
    stderr = cast(TextIO, process.stderr)  # a pipe, as asked for
    for line in stderr:
        said.append(line)
        if line.startswith(_ADDRESS):
            watchdog.cancel()
            threading.Thread(target=stderr.read, daemon=True).start()
            return line.removeprefix(_ADDRESS).strip()
    watchdog.cancel()
    raise BurnishError("the server did not start:\n" + "".join(said).strip(), "burnish doctor")
