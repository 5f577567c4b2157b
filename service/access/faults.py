"""What may be wrong with a key file or an audit log, as an error and as a report."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

from burnish.errors import BurnishError

__all__ = ["AccessError", "Fault", "log_fault"]

logger = logging.getLogger("burnish.service")


class AccessError(BurnishError):
    """A key file or an audit log is refused, damaged or in use."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that a running server lives with, and that a person should fix."""

    file: Path
    message: str
    """What happened; holds no key and nothing of a request."""
    hint: str = ""


def log_fault(fault: Fault) -> None:
    """Report a fault in the server's log: what is done where nobody asks for another way."""
    logger.warning("%s", f"{fault.message}; {fault.hint}" if fault.hint else fault.message)
