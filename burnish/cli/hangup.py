"""SIGHUP while ``burnish serve`` starts: it asks for a reload, and must not end the process.

Python leaves the signal to the system, which kills, until the server has its handler. So this is
set before anything that takes time is imported.
"""

from __future__ import annotations

import signal
import sys

__all__ = ["hold_hangup"]


def hold_hangup() -> None:
    """Take SIGHUP without any effect, where this process is to be a server."""
    if sys.argv[1:2] == ["serve"] and hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, _hold)


def _hold(*_: object) -> None:
    """Everything is about to be read for the first time."""
