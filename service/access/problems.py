"""Problems of a key file or an audit log that a running server reports and survives."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

__all__ = ["HealthProblem", "log_problem"]

logger = logging.getLogger("burnish.service")


@dataclass(frozen=True, slots=True)
class HealthProblem:
    """Something that a running server survives, and that a person should fix."""

    file: Path
    message: str
    """What happened; holds no key and nothing of a request."""
    hint: str = ""


def log_problem(problem: HealthProblem) -> None:
    """Report a problem in the server's log."""
    logger.warning("%s", f"{problem.message}; {problem.hint}" if problem.hint else problem.message)
