"""Edits: a text with stretches replaced, and where each of its offsets went."""

from __future__ import annotations

import string
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from burnish.data.checks.damage import CONTROL
from burnish.data.mojibake import find_mojibake

__all__ = ["Edit", "EditedText", "certain_edits"]


@dataclass(frozen=True, slots=True)
class Edit:
    """A stretch that is replaced; offsets in code points of the text as it was."""

    kind: str
    start: int
    end: int
    replacement: str


@dataclass(frozen=True, slots=True)
class EditedText:
    """A text after edits that do not overlap, in order."""

    before: str
    edits: tuple[Edit, ...]

    @property
    def text(self) -> str:
        """The text as it is now."""
        parts, at = [], 0
        for edit in self.edits:
            parts += [self.before[at : edit.start], edit.replacement]
            at = edit.end
        return "".join([*parts, self.before[at:]])

    def moved(self, offset: int) -> int:
        """Where an offset of the old text lies now; inside an edit, at its nearer border."""
        shift = 0
        for edit in self.edits:
            if offset >= edit.end and (edit.end > edit.start or offset > edit.start):
                shift += len(edit.replacement) - (edit.end - edit.start)
            elif offset > edit.start:
                inside = offset - edit.start
                return edit.start + shift + min(inside, len(edit.replacement))
        return offset + shift


def certain_edits(text: str, *, offsets: Collection[int] = ()) -> EditedText:
    """Mojibake decoded, control characters replaced or dropped, white space at the ends cut.

    Args:
        text: as it is.
        offsets: of its entities. Where one lies inside what was one character, mojibake stays.
    """
    return EditedText(text, tuple(_without_overlap(sorted(_wanted(text, offsets), key=_order))))


def _wanted(text: str, offsets: Collection[int]) -> Iterator[Edit]:
    damage = find_mojibake(text)
    if damage is not None and damage.is_certain:
        inside = any(d.start < offset < d.end for d in damage.pieces for offset in offsets)
        for piece in () if inside else damage.pieces:
            yield Edit("mojibake", piece.start, piece.end, piece.repaired)
    for match in CONTROL.finditer(text):
        if damage is None or ord(match[0]) < 0x80:  # from there on they are part of the damage
            yield Edit("control-character", match.start(), match.end(), _printed(match[0]))
    # The last byte of a damaged letter may be a no-break space.
    blank = None if damage is None or damage.is_certain else string.whitespace
    if text.strip(blank):
        left, right = len(text) - len(text.lstrip(blank)), len(text.rstrip(blank))
        if left:
            yield Edit("whitespace", 0, left, "")
        if right < len(text):
            yield Edit("whitespace", right, len(text), "")


def _printed(control: str) -> str:
    """What Windows-1252 has at a Latin-1 control character: quotes and dashes; else nothing."""
    if ord(control) not in range(0x80, 0xA0):
        return ""
    return control.encode("latin-1").decode("cp1252", errors="ignore")


def _order(edit: Edit) -> tuple[int, int]:
    return edit.start, -edit.end


def _without_overlap(edits: Sequence[Edit]) -> Iterator[Edit]:
    end = 0
    for edit in edits:
        if edit.start >= end:
            yield edit
            end = edit.end
