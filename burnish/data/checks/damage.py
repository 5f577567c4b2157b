"""Damaged texts: mojibake, lost characters, control characters, and what is left of HTML."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from burnish.data.checks.finding import Finding, Kind, Severity, found_at
from burnish.data.checks.subject import Entry, Subject
from burnish.data.mojibake import find_mojibake

__all__ = ["CONTROL", "find_damage", "find_damage_in"]

CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]")
"""Control characters but tab and line ends."""
_TAGS = (
    "a|abbr|b|blockquote|body|br|center|code|div|em|font|form|h[1-6]|head|hr|html|i|iframe|img|"
    "input|li|link|meta|ol|p|pre|script|section|small|span|strong|style|sub|sup|table|tbody|td|"
    "th|thead|title|tr|u|ul"
)
_MARKUP = re.compile(
    rf"</?(?:{_TAGS})(?:\s[^<>]{{0,300}})?\s?/?>|<!--"
    r"|&(?:nbsp|amp|lt|gt|quot|apos|[aeiouAEIOU](?:acute|grave|uml|circ)|#\d{2,6}|#x[\da-f]{2,5});",
    re.IGNORECASE,
)

Look = Callable[[str], str]
"""What is wrong in a text; empty where nothing is."""


def find_damage(subject: Subject) -> Iterator[Finding]:
    """What happened to texts between their writing and this file."""
    yield from find_damage_in(list(subject.texts()))


def find_damage_in(texts: Sequence[tuple[Entry, str, str]]) -> Iterator[Finding]:
    """The same of some texts.

    Args:
        texts: the row of each, what the text is called in it, and the text.
    """
    for kind, severity, look, message, fix in _LOOKS:
        places = [
            entry.place.with_detail(f"{name}, {detail}" if name != "text" else detail)
            for entry, name, text in texts
            if (detail := look(text))
        ]
        yield from found_at(places, kind=kind, severity=severity, message=message, fix=fix)


def _mojibake(text: str) -> str:
    found = find_mojibake(text)
    if found is None:
        return ""
    twice = f", read wrongly {found.rounds} times" if found.rounds > 1 else ""
    unsure = "" if found.is_certain else ", the original is uncertain"
    return f"characters {found.first.start}-{found.first.end}{twice}{unsure}"


def _lost(text: str) -> str:
    at = text.find("\ufffd")
    return "" if at < 0 else f"character {at}"


def _control(text: str) -> str:
    match = CONTROL.search(text)
    if match is None or (ord(match[0]) >= 0x80 and find_mojibake(text) is not None):
        return ""
    return f"character {match.start()}, U+{ord(match[0]):04X}"


def _markup(text: str) -> str:
    match = _MARKUP.search(text) if "<" in text or "&" in text else None
    return "" if match is None else f"characters {match.start()}-{match.end()}"


_LOOKS: tuple[tuple[Kind, Severity, Look, str, str], ...] = (
    (
        "mojibake",
        "warning",
        _mojibake,
        "# [text contains|texts contain] UTF-8 that was read in another encoding",
        "export the source again as UTF-8, or use --fix, which repairs what is certain",
    ),
    (
        "replacement-character",
        "warning",
        _lost,
        "# [text contains|texts contain] U+FFFD, which stands for a lost character",
        "export the source again: the lost character is unknown",
    ),
    (
        "control-character",
        "warning",
        _control,
        "# [text contains|texts contain] control characters",
        "remove them (--fix does)",
    ),
    (
        "markup",
        "note",
        _markup,
        "# [text contains|texts contain] HTML tags or entities",
        "remove tags that are leftovers, here and in the texts that the model will read",
    ),
)
