"""The whole report as one HTML document."""

from __future__ import annotations

from importlib import resources

from burnish.report.chapters import chapters
from burnish.report.facts import Facts
from burnish.report.markup import Markup, join, tag
from burnish.report.summary import summary

__all__ = ["render_report"]

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
"""The page itself forbids whatever is not in it."""


def render_report(facts: Facts) -> str:
    """HTML without any external reference, for reading and for printing."""
    style = resources.files("burnish.report").joinpath("style.css").read_text(encoding="utf-8")
    head = tag(
        "head",
        Markup('<meta charset="utf-8">'),
        Markup(f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'),
        Markup('<meta name="viewport" content="width=device-width, initial-scale=1">'),
        tag("title", f"{facts.name}: report"),
        tag("style", Markup(style)),
    )
    body = tag("body", tag("main", summary(facts), join(chapters(facts))))
    return f'<!DOCTYPE html>\n<html lang="en">{head}{body}</html>\n'
