"""Checks: one concept a file, each a function from the rows to findings."""

from __future__ import annotations

from burnish.data.checks.finding import KINDS, Finding, Kind, Place, Severity
from burnish.data.checks.subject import Entry, Subject
from burnish.data.checks.table import CHECKS

__all__ = ["CHECKS", "KINDS", "Entry", "Finding", "Kind", "Place", "Severity", "Subject"]
