"""Tags: IOB1, IOB2 and BIOES (or BILOU) tags of tokens become spans of tokens."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

__all__ = ["Scheme", "TagError", "TokenSpan", "detect_scheme", "is_tag", "tag_spans"]

Scheme = Literal["IOB1", "IOB2", "BIOES"]

_TAG = re.compile(r"O|([BIESLU])-(\S.*)", re.DOTALL)
_BILOU = {"L": "E", "U": "S"}


class TagError(ValueError):
    """A tag that its scheme does not allow; ``index`` is the token's, ``hint`` the fix.

    ``certain`` is the tag that certainly was meant; None where that cannot be told.
    """

    def __init__(self, message: str, hint: str, *, index: int, certain: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint
        self.index = index
        self.certain = certain


@dataclass(frozen=True, slots=True)
class TokenSpan:
    """An entity; offsets in tokens, ``end`` exclusive."""

    start: int
    end: int
    label: str


def is_tag(text: str) -> bool:
    """Whether a string is a tag of any scheme."""
    return _TAG.fullmatch(text) is not None


def detect_scheme(sentences: Iterable[Sequence[str]]) -> Scheme:
    """The scheme of a whole file's tags.

    E, S, L and U are only in BIOES and BILOU. IOB1 (Ramshaw and Marcus 1995) has a B only where an
    entity follows one of the same label at once; a B elsewhere makes the file IOB2.

    Raises:
        TagError: a string is not a tag.
    """
    begins = False
    for sentence in sentences:
        before = ("O", "")
        for tag in _parse(sentence):
            if tag[0] in "ES":
                return "BIOES"
            begins = begins or (tag[0] == "B" and (before[0] == "O" or before[1] != tag[1]))
            before = tag
    return "IOB2" if begins else "IOB1"


def tag_spans(tags: Sequence[str], scheme: Scheme) -> list[TokenSpan]:
    """Entities of one sentence.

    Raises:
        TagError: the scheme does not allow a tag at its place.
    """
    parsed = _parse(tags)
    starts, goes_on = _edges(parsed, scheme)
    spans = []
    for start in starts:
        end = start + 1
        while end < len(parsed) and goes_on[end]:
            end += 1
        spans.append(TokenSpan(start, end, parsed[start][1]))
    return spans


def _parse(tags: Sequence[str]) -> list[tuple[str, str]]:
    parsed = []
    for index, tag in enumerate(tags):
        match = _TAG.fullmatch(tag)
        if match is None:
            hint = "write O, or B-LABEL, I-LABEL (also E- and S-)"
            raise TagError(f"{tag!r} is not a tag", hint, index=index)
        letter = match[1] or "O"
        parsed.append((_BILOU.get(letter, letter), match[2] or ""))
    return parsed


def _edges(tags: list[tuple[str, str]], scheme: Scheme) -> tuple[list[int], list[bool]]:
    """Where entities start, and which tokens go on with the entity of the token before."""
    starts, goes_on = [], [False] * len(tags)
    before = ("O", "")
    for index, (letter, label) in enumerate(tags):
        open_before = before[0] in ("BI" if scheme == "BIOES" else "BIES")
        same = open_before and before[1] == label
        if scheme == "BIOES":
            _check_bioes(before, (letter, label), index=index)
        if letter in "IE" and same:
            goes_on[index] = True
        elif letter != "O":
            if letter == "I" and scheme == "IOB2":
                raise _stray(label, index=index, is_certain=before[0] == "O")
            starts.append(index)
        before = (letter, label)
    if scheme == "BIOES":
        _check_bioes(before, ("O", ""), index=len(tags))
    return starts, goes_on


def _stray(label: str, *, index: int, is_certain: bool) -> TagError:
    """The error of an I that begins an entity in IOB2; after O it certainly is a B (conlleval)."""
    return TagError(
        f"I-{label} begins an entity, but this file is IOB2, where B-{label} does",
        f"write B-{label}{' (--fix does)' if is_certain else ''}, or make the tag before it part "
        "of the entity",
        index=index,
        certain=f"B-{label}" if is_certain else None,
    )


def _check_bioes(before: tuple[str, str], tag: tuple[str, str], *, index: int) -> None:
    is_open = before[0] in "BI"
    goes_on = tag[0] in "IE" and tag[1] == before[1]
    if is_open and not goes_on:
        label = before[1]
        hint = f"close it with E-{label}, or write S-{label} for an entity of one token"
        raise TagError(f"the entity {label!r} is not closed", hint, index=index - 1)
    if tag[0] in "IE" and not is_open:
        hint = f"begin it with B-{tag[1]}, or write S-{tag[1]} for an entity of one token"
        raise TagError(f"{tag[0]}-{tag[1]} follows no B-{tag[1]}", hint, index=index)
