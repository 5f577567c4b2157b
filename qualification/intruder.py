"""Another user of the machine, who asks a process manager to run a program as its own user.

``python -m qualification.intruder MARKER ENDPOINT...`` gives up root, sends every endpoint of
circus the command to start ``touch MARKER``, and prints how many took it.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import psutil
from circus.client import CircusClient
from circus.exc import CallError

__all__ = ["NOBODY", "endpoints_of"]

NOBODY = 65534
WAIT_S = 2.0


def endpoints_of(process: psutil.Process) -> list[str]:
    """Where a process and its children listen: every address that a message may be sent to."""
    found = set()
    for each in (process, *process.children(recursive=True)):
        for connection in each.net_connections("all"):
            if connection.status == psutil.CONN_LISTEN and connection.laddr:
                found.add(f"tcp://127.0.0.1:{connection.laddr.port}")
        # Of Unix sockets psutil tells the path, not the state.
        found |= {f"ipc://{c.laddr}" for c in each.net_connections("unix") if c.laddr}
    return sorted(found)


def intrude(marker: Path, endpoints: list[str]) -> int:
    """Send the command; how many endpoints answered that it is done."""
    taken = 0
    properties = {
        "name": "intruder",
        "cmd": "touch",
        "args": [str(marker)],
        "start": True,
        "options": {"singleton": True, "respawn": False},
    }
    for endpoint in endpoints:
        client = CircusClient(endpoint=endpoint, timeout=WAIT_S)
        try:
            reply = client.call({"command": "add", "properties": properties})
            taken += reply.get("status") == "ok"
        except CallError:
            pass
        finally:
            client.stop()
    return taken


def main(arguments: list[str]) -> int:
    """Become nobody in particular, and try."""
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)
    print(intrude(Path(arguments[0]), arguments[1:]))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
