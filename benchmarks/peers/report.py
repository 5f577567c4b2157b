"""A comparison as text, as JSON, and as the figures that docs/lab/peers.md shows."""

from __future__ import annotations

import json
from pathlib import Path

from benchmarks.peers.results import Results, Table
from benchmarks.peers.subjects import SUBJECTS
from burnish.bench.report import aligned

__all__ = ["document_with", "write_document", "write_results"]

BEGIN = "<!-- figures: written by python -m benchmarks.peers -->"
END = "<!-- end of the figures -->"
WORTHLESS = {
    "quick": "a quick run: few samples",
    "tiny": "a tiny model: these times mean nothing",
}


def write_results(results: Results, directory: Path) -> tuple[Path, Path]:
    """Write ``peers.txt`` and ``peers.json``."""
    directory.mkdir(parents=True, exist_ok=True)
    text, document = directory / "peers.txt", directory / "peers.json"
    text.write_text(_text(results), encoding="utf-8")
    document.write_text(json.dumps(results.to_json(), allow_nan=False) + "\n", encoding="utf-8")
    return text, document


def write_document(results: Results, path: Path) -> None:
    """Put the figures into a Markdown file, between its two marks."""
    path.write_text(document_with(results, path.read_text(encoding="utf-8")), encoding="utf-8")


def document_with(results: Results, document: str) -> str:
    """A document with these figures between its marks.

    Raises:
        ValueError: the marks are missing.
    """
    before, begin, rest = document.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the document lacks a line {BEGIN} and a line {END}")
    return f"{before}{BEGIN}\n\n{_markdown(results)}\n{END}{after}"


def _text(results: Results) -> str:
    note = WORTHLESS.get(results.plan)
    head = "burnish and its peers" + (f", {note}" if note else "")
    parts = ["\n".join([head, *results.machine.lines(), f"load after {results.load_after:.2f}"])]
    parts += [f"{title}\n\n{aligned(table)}" for title, table in results.tables().items()]
    return "\n\n".join(parts) + "\n"


def _markdown(results: Results) -> str:
    note = WORTHLESS.get(results.plan)
    lines = list(results.machine.lines())
    parts = [f"**{note}**"] if note else []
    parts += ["; ".join(lines) + f"; load after {results.load_after:.2f}.", _legend()]
    for title, table in results.tables().items():
        parts.append(f"### {title}\n\n{_markdown_table(table)}")
    return "\n\n".join(parts) + "\n"


def _legend() -> str:
    names: dict[str, str] = {}
    for subject in SUBJECTS:
        names.setdefault(subject.name.removesuffix(f" {subject.precision}"), subject.what)
    return "\n".join(f"- {name}: {what}" for name, what in names.items())


def _markdown_table(table: Table) -> str:
    header, *rows = table
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(_cell(c) for c in line) + " |" for line in lines)


def _cell(content: str) -> str:
    return content.replace("|", "\\|").replace("\n", " ")
