"""Mojibake: UTF-8 that was read in another encoding and saved so, once or more often.

ftfy (https://ftfy.readthedocs.io) tells whether a text is damaged and what it was. A text is
repaired whole or not at all: a repair that leaves damage behind, or that another encoding would
decode to another text, is not certain.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache

__all__ = ["Damage", "Mojibake", "find_mojibake"]

_ENCODINGS = (
    *("latin-1", "sloppy-windows-1252", "sloppy-windows-1250", "sloppy-windows-1251"),
    *("sloppy-windows-1253", "sloppy-windows-1254", "sloppy-windows-1257", "iso-8859-2"),
    *("macroman", "cp437", "cp850", "cp852"),
)
"""Those that ftfy tries, and two more of DOS; ``sloppy`` ones are ftfy's, no byte left open."""
_ROUNDS = 4
_LONG = 5000
"""Characters; comparing two texts letter by letter takes time by their square."""
_RUNS = re.compile("([^\x00-\x7f]+)")
_C1 = re.compile("[\x80-\x9f]")
_RARE = re.compile(
    "[\x80-\x9f\u0180-\u0191\u0193-\u019f\u01a2-\u01ae\u01b1-\u0217\u021c-\u036f\ue000-\uf8ff\ufffd]"
)
"""Control characters, phonetic letters, marks that no letter bears, and the private area.

Romanian and Vietnamese letters are not among them.
"""


@dataclass(frozen=True, slots=True)
class Damage:
    """A piece of a damaged text; offsets in code points of it."""

    start: int
    end: int
    repaired: str


@dataclass(frozen=True, slots=True)
class Mojibake:
    """What is damaged in a text."""

    pieces: tuple[Damage, ...]
    """The damaged pieces, in order; one character each wherever that can be told."""
    is_certain: bool
    """The whole text is repaired by replacing the pieces."""
    rounds: int
    """How often it was read wrongly."""

    @property
    def first(self) -> Damage:
        """The first damaged piece."""
        return self.pieces[0]


@lru_cache(maxsize=256)  # the checks and the fixes ask about the same text, one after another
def find_mojibake(text: str) -> Mojibake | None:
    """What is damaged in a text; None where nothing is."""
    if text.isascii():
        return None
    # Its import takes 0.1 s, and nothing that answers requests needs it.
    from ftfy import TextFixerConfig, fix_encoding_and_explain

    # Without guesses: a space for a lost U+00A0, and U+FFFD for what was lost.
    sure = TextFixerConfig(restore_byte_a0=False, replace_lossy_sequences=False)
    found, steps = fix_encoding_and_explain(text, sure)
    if found == text:
        return None
    rounds = sum(step.action == "decode" for step in steps or ())
    whole = fix_encoding_and_explain(text, sure._replace(restore_byte_a0=True)).text
    pieces = tuple(_pieces(text, whole))
    if all(_C1.fullmatch(text, each.start, each.end) for each in pieces):
        return None  # single control characters (burnish/data/checks/damage.py)
    return Mojibake(pieces, _is_certain(text, whole, pieces), max(1, rounds))


def _is_certain(text: str, repaired: str, pieces: Sequence[Damage]) -> bool:
    """Whether no damage is left, and no other encoding decodes the text to something else.

    ftfy stops at the first layer that does not look damaged; what decodes further is damaged still.
    """
    from ftfy import fix_encoding
    from ftfy.badness import is_bad

    if is_bad(repaired) or not _is_plausible(repaired, text) or _inner(repaired):
        return False
    if {text[piece.start] for piece in pieces} & _kept(text, pieces):
        return False  # "voilÃ" is what is left of "voilà"
    others = {fix_encoding(each) for each in _innermost(text)}
    return not any(_is_plausible(other, text) for other in others - {repaired})


def _is_plausible(decoded: str, text: str) -> bool:
    """Whether every letter that decoding brought is one that some language writes with."""
    rare = set(_RARE.findall(unicodedata.normalize("NFC", decoded)))
    return not rare - set(text)


def _kept(text: str, pieces: Sequence[Damage]) -> set[str]:
    """The characters outside of ASCII that a repair leaves as they are."""
    found: set[str] = set()
    at = 0
    for piece in pieces:
        found |= set(text[at : piece.start])
        at = piece.end
    return {each for each in found | set(text[at:]) if not each.isascii()}


def _innermost(text: str) -> set[str]:
    """What a text was before every layer of damage, by any order of encodings."""
    layer, found = _inner(text), set()
    for _ in range(_ROUNDS):
        found |= {each for each in layer if not _inner(each)}
        layer = {inner for each in layer for inner in _inner(each)}
    return found


def _inner(text: str) -> set[str]:
    """What UTF-8 that was read in any of the encodings was; empty where it cannot be that."""
    found = set()
    for encoding in _ENCODINGS:
        with suppress(UnicodeError):
            found.add(text.encode(encoding).decode("utf-8"))
    return found - {text}


def _pieces(before: str, after: str) -> Iterator[Damage]:
    """What stands where in a text before and after its repair; ASCII mostly stays as it is."""
    old, new = _RUNS.split(before), _RUNS.split(after)
    if old[::2] != new[::2]:  # a lost U+00A0 became a space, and "à " has one space less
        yield from _differences(before, after)
        return
    at = 0
    for index, run in enumerate(old):
        if run != new[index]:
            yield from _run_pieces(run, new[index], at)
        at += len(run)


def _differences(before: str, after: str) -> Iterator[Damage]:
    if len(before) > _LONG:
        yield Damage(0, len(before), after)
        return
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    for kind, start, end, new_start, new_end in matcher.get_opcodes():
        if kind != "equal":
            yield Damage(start, end, after[new_start:new_end])


def _run_pieces(before: str, after: str, at: int) -> Iterator[Damage]:
    for lengths in _readings(before, after):
        if lengths is not None:
            start = 0
            for length, character in zip(lengths, after, strict=True):
                end = start + length
                if before[start:end] != character:
                    yield Damage(at + start, at + end, character)
                start = end
            return
    yield Damage(at, at + len(before), after)


def _readings(before: str, after: str) -> Iterator[list[int] | None]:
    """For each way to damage a text: how long each character is then, where that gives it."""
    if len(before) == len(after):
        yield [1] * len(after)
    for rounds in range(1, _ROUNDS + 1):
        for encoding in _ENCODINGS:
            yield _lengths(before, after, encoding, rounds)


def _lengths(before: str, after: str, encoding: str, rounds: int) -> list[int] | None:
    lengths, at = [], 0
    for character in after:
        damaged = _damaged(character, encoding, rounds)
        length = len(damaged) if damaged and before.startswith(damaged, at) else 1
        if length == 1 and not before.startswith(character, at):
            return None
        lengths.append(length)
        at += length
    return lengths if at == len(before) else None


def _damaged(character: str, encoding: str, rounds: int) -> str:
    try:
        for _ in range(rounds):
            character = character.encode("utf-8").decode(encoding)
    except UnicodeError:
        return ""
    return character
