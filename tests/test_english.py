"""Plain English in what a user reads: phrases that read as if translated are nowhere in it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROOMS = ("burnish", "training", "export", "service")
NOT_ENGLISH_OF_OURS = ("neutral.py", "texts.py")
"""Sentences that models read: changing one would change what is measured."""
BANNED = re.compile(
    r"""in\ the\ place\ of | told\ of\b | \bstands\ (beside|in)\b | \bheld\ (against|by)\b
    | \b(mend|mends|mended)\b | beware | \ba\ row\ alone\b | \bas\ always\b
    | (?<!there\ )\bis\ no\ (?!longer\b) | what\ costs\ less | by\ itself\ alone
    | in\ the\ way\ of
    | \b(a|one|per|rows?|texts?|inputs?|windows?|ms|labels?|lines?)
      \ an?\ (class|text|line|row|request|step|window|processor|layer|label|decision|token|input)\b
    """,
    re.VERBOSE,
)


def words(file: Path) -> Iterator[tuple[int, str]]:
    """Line and text of what a file may show: of Python its strings without its docstrings."""
    text = file.read_text(encoding="utf-8")
    if file.suffix != ".py":
        lines = (re.sub(r"(^|\s)//\s.*", "", line) for line in text.splitlines())  # no comments
        yield from enumerate(lines, start=1)
        return
    tree = ast.parse(text)
    silent = {id(each.value) for each in ast.walk(tree) if isinstance(each, ast.Expr)}
    inside = {
        id(part)
        for each in ast.walk(tree)
        if isinstance(each, ast.JoinedStr)
        for part in each.values
    }
    for each in ast.walk(tree):
        if isinstance(each, ast.JoinedStr):
            yield each.lineno, "".join(str(getattr(part, "value", "")) for part in each.values)
        elif isinstance(each, ast.Constant) and id(each) not in silent | inside:
            yield each.lineno, str(each.value)


def files() -> list[Path]:
    """Everything that speaks to a user, in every room."""
    found = [path for room in ROOMS for path in sorted((ROOT / room).rglob("*"))]
    spoken = [path for path in found if path.suffix in (".py", ".html", ".js")]
    return [path for path in spoken if path.name not in NOT_ENGLISH_OF_OURS]


@pytest.mark.parametrize("room", ROOMS)
def test_what_a_user_reads_has_no_banned_phrase(room: str) -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}: {text.strip()[:100]}"
        for path in files()
        if path.is_relative_to(ROOT / room)
        for line, text in words(path)
        if " " in text and BANNED.search(text)  # a key of JSON may be an older one
    ]
    assert found == []


@pytest.mark.parametrize(
    "text",
    [
        *("the gate is held against 0.1", "how to mend it", "it is no list", "a text a line"),
        *("two rows a class", "what to beware of", "is told of it", "the row stands in train"),
    ],
)
def test_a_banned_phrase_is_found(text: str) -> None:
    assert BANNED.search(text)


@pytest.mark.parametrize("text", ["there is no file", "it is no longer there", "rows and a class"])
def test_other_words_are_not(text: str) -> None:
    assert BANNED.search(text) is None
