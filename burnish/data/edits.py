"""Edits: a text with stretches replaced, and where each of its offsets went."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from burnish.data.checks.damage import CONTROL
from burnish.data.mojibake import damaged_stretches

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


def certain_edits(text: str) -> EditedText:
    """Mojibake decoded, control characters dropped, white space at the ends cut."""
    return EditedText(text, tuple(_without_overlap(sorted(_wanted(text), key=_order))))


def _wanted(text: str) -> Iterator[Edit]:
    for damage in damaged_stretches(text):
        yield Edit("mojibake", damage.start, damage.end, damage.repaired)
    for match in CONTROL.finditer(text):
        yield Edit("control-character", match.start(), match.end(), "")
    if text.strip():
        left, right = len(text) - len(text.lstrip()), len(text.rstrip())
        if left:
            yield Edit("whitespace", 0, left, "")
        if right < len(text):
            yield Edit("whitespace", right, len(text), "")


def _order(edit: Edit) -> tuple[int, int]:
    return edit.start, -edit.end


def _without_overlap(edits: Sequence[Edit]) -> Iterator[Edit]:
    end = 0
    for edit in edits:
        if edit.start >= end:
            yield edit
            end = edit.end
