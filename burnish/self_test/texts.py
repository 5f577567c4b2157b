"""The self-test's texts: those of `burnish.tasks.neutral`, and their name."""

from __future__ import annotations

from typing import Final

from burnish.tasks import Input
from burnish.tasks.table import find_task

__all__ = ["PROBE_SET", "probes_for"]

PROBE_SET: Final = "neutral-1"
"""Name of this set. A text that is changed there makes another set, with another name."""


def probes_for(task: str) -> tuple[Input, ...]:
    """The probes of a task, in the order in which answers are recorded."""
    return find_task(task).neutral.probes
