"""What a reader meets: links that lead somewhere, and plain English. ``make check`` runs it.

Checks README.md, the other documents and docs/ for links and anchors that do not exist, and for
banned phrasings; checks the strings of the product's code for the phrasings too. Files of code that
still hold some are listed in tests/prose_allowed.txt: take a file off the list when it is clean.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

__all__ = ["CODE", "DOCUMENTS", "allowed", "broken_links", "main", "phrasings_in", "strings_of"]

ROOT = Path(__file__).parent.parent
DOCUMENTS = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
]
CODE = [
    path
    for room in ("burnish", "training", "export", "service", "torch_models")
    for path in sorted((ROOT / room).rglob("*.py"))
]
ALLOWED = Path(__file__).with_name("prose_allowed.txt")

_GENERATED = ("docs/reference/cli.md", "docs/lab/qualification.md", "docs/lab/peers.md")
"""Written by programs, whose own strings are checked."""
_OLD = {"CHANGELOG.md": "## 0.1.0"}
"""From this line on a document is history, and stays as it was written."""
_BANNED = re.compile(
    r"\b(?:in the place of|told of|stands? beside|stands? in|held against|held by|mend(?:s|ed|ing)?"
    r"|beware of|a row alone|as always|(?<!there )is no(?= )|what costs less|by itself alone"
    r"|in the way of|(?<![\d.,] )(?<![\d.,])1 rows"
    r"|(?:rows?|texts?|labels?|words?) a (?:class|label|row|text))\b",
    re.IGNORECASE,
)
_FENCE = re.compile(r"^(```+|~~~+).*?^\1\s*$", re.MULTILINE | re.DOTALL)
_CODE_SPAN = re.compile(r"`[^`\n]*`")
_LINK = re.compile(r"\]\(([^)#\s]*)(?:#([^)\s]*))?\)")
_HEADING = re.compile(r"^#{1,6} (.+?)(?: \{#([\w-]+)\})?$", re.MULTILINE)


def phrasings_in(text: str) -> Iterator[tuple[int, str]]:
    """Line number and banned phrasing, code left out; lines are joined, so that none hides."""
    plain = _CODE_SPAN.sub(_blank, _FENCE.sub(_blank, text))
    for found in _BANNED.finditer(re.sub(r"\n(?!\n)", " ", plain)):
        yield plain.count("\n", 0, found.start()) + 1, found[0]


def _blank(found: re.Match[str]) -> str:
    """As long as what it replaces, so that places stay true."""
    return re.sub(r"[^\n]", "·", found[0])


def strings_of(source: str) -> Iterator[tuple[int, str]]:
    """Line number and text of every string literal of a module, docstrings too."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value


def broken_links(document: Path) -> Iterator[str]:
    """Targets of a document's links that are no file, or no heading of one."""
    text = _FENCE.sub(_blank, document.read_text(encoding="utf-8"))
    for target, anchor in _LINK.findall(text):
        if target.startswith(("http://", "https://", "mailto:")):
            continue
        file = (document.parent / target).resolve() if target else document
        if not file.exists():
            yield target
        elif anchor and file.suffix == ".md" and anchor not in _anchors(file):
            yield f"{target}#{anchor}"


def _anchors(document: Path) -> set[str]:
    text = _FENCE.sub(_blank, document.read_text(encoding="utf-8"))
    return {given or _slug(title) for title, given in _HEADING.findall(text)}


def _slug(title: str) -> str:
    """An anchor as Python-Markdown and GitHub make it of a plain heading."""
    words = re.sub(r"[^\w\s-]", "", re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", title)).strip().lower()
    return re.sub(r"[\s-]+", "-", words)


def allowed() -> set[str]:
    """Files of code whose strings are not clean yet."""
    lines = ALLOWED.read_text(encoding="utf-8").splitlines()
    return {line for line in lines if line and not line.startswith("#")}


def _document_faults() -> Iterator[str]:
    for document in DOCUMENTS:
        name = document.relative_to(ROOT).as_posix()
        yield from (f"{name}: no such target: {target}" for target in broken_links(document))
        if name in _GENERATED:
            continue
        text = document.read_text(encoding="utf-8").partition(_OLD.get(name, "\0"))[0]
        for line, phrase in phrasings_in(text):
            yield f"{name}:{line}: {phrase!r} is not plain English"


def _code_faults() -> Iterator[str]:
    passed = allowed()
    dirty = set()
    for path in CODE:
        name = path.relative_to(ROOT).as_posix()
        for line, text in strings_of(path.read_text(encoding="utf-8")):
            for _, phrase in phrasings_in(text):
                dirty.add(name)
                if name not in passed:
                    yield f"{name}:{line}: {phrase!r} is not plain English"
    listed = ALLOWED.relative_to(ROOT).as_posix()
    for name in sorted(passed - dirty):
        yield f"{listed}: {name} is clean or gone; take it off the list"


def _write_allowed() -> None:
    """Allow what is not clean now: for files that were moved, not for new ones."""
    head = [line for line in ALLOWED.read_text(encoding="utf-8").splitlines() if line[:1] == "#"]
    dirty = [
        path.relative_to(ROOT).as_posix()
        for path in CODE
        for _, text in strings_of(path.read_text(encoding="utf-8"))
        if any(phrasings_in(text))
    ]
    ALLOWED.write_text("\n".join([*head, *sorted(set(dirty))]) + "\n", encoding="utf-8")


def main() -> int:
    """Print every fault; the exit code is 1 if there is one."""
    if sys.argv[1:] == ["--allow"]:
        _write_allowed()
    faults = [*_document_faults(), *_code_faults()]
    print("\n".join(faults) or "every link leads somewhere, and the English is plain")
    return int(bool(faults))


if __name__ == "__main__":
    sys.exit(main())
