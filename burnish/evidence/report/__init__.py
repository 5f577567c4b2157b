"""The report of a run: one HTML file for a reviewer, without any external reference."""

from burnish.evidence.report.facts import Facts, read_facts
from burnish.evidence.report.page import render_report

__all__ = ["Facts", "read_facts", "render_report"]
