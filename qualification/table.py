"""Every row of the qualification, in the order of the document."""

from __future__ import annotations

from importlib import import_module

from qualification.rows import Row

__all__ = ["GROUPS", "all_rows"]

GROUPS = (
    "connections",
    "bodies",
    "framing",
    "conformance",
    "unicode",
    "text",
    "load",
    "faults",
    "models",
    "loading",
    "signed",
    "container",
    "lifecycle",
    "privacy",
    "offline",
    "keys",
    "access",
    "other_users",
    "training",
    "bases",
    "memory",
)
"""Files of this folder; each holds ``ROWS``."""


def all_rows() -> tuple[Row, ...]:
    """The rows of all groups."""
    return tuple(row for group in GROUPS for row in import_module(f"qualification.{group}").ROWS)
