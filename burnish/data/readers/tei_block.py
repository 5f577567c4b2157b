"""A block of a TEI document: the text of a paragraph, and the names that were found in it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

__all__ = ["Block", "Name"]

_PIECE = re.compile(r"\s+|\S+")
_HYPHENS = "-\u2010\u00ac\u2e17=\u00ad"
"""What printers and transcribers write where a word goes on in the next line."""


@dataclass(slots=True)
class Name:
    """A name that is open."""

    label: str
    start: int | None = None
    """None until its first character."""


@dataclass(slots=True)
class Block:
    """The text so far, white space as one space; offsets in code points."""

    element: str
    number: int
    line: int
    identifier: str = ""
    document: int = 0
    pieces: list[str] = field(default_factory=list)
    length: int = 0
    space: str = ""
    """White space that comes before the next character."""
    glued: bool = False
    """The next character follows at once."""
    names: list[Name] = field(default_factory=list)
    entities: list[dict[str, object]] = field(default_factory=list)
    nested: int = 0
    """Names inside others, which are not read."""

    @property
    def text(self) -> str:
        """Without the white space at its ends, where that is not kept."""
        return "".join(self.pieces)

    def add(self, text: str, *, keep_space: bool) -> None:
        """Add a text; ``keep_space`` keeps its white space as it is."""
        for piece in [text] if keep_space else _PIECE.findall(text):
            if keep_space or not piece.isspace():
                self._append(piece)
            else:
                self.break_off()

    def break_off(self, space: str = " ") -> None:
        """White space follows; a line end outdoes a space."""
        if not self.glued and self.space != "\n":
            self.space = space

    def join(self) -> None:
        """What follows goes on with the word; a hyphen at its end goes."""
        self.space, self.glued = "", True
        if self.length > 1 and self.pieces[-1][-1] in _HYPHENS:
            self.pieces[-1] = self.pieces[-1][:-1]
            self.pieces = [piece for piece in self.pieces if piece]
            self.length -= 1
            for name in self.names:
                name.start = None if name.start is None else min(name.start, self.length)

    def close(self, name: Name) -> None:
        """A name ends here."""
        self.names.remove(name)
        if name.start is None or name.start >= self.length:
            return
        if self.names:
            self.nested += 1
        else:
            entity = {"start": name.start, "end": self.length, "label": name.label}
            self.entities.append(entity)

    def _append(self, piece: str) -> None:
        if self.space and self.length:
            self.pieces.append(self.space)
            self.length += 1
        self.space, self.glued = "", False
        for name in self.names:
            if name.start is None:
                name.start = self.length
        self.pieces.append(piece)
        self.length += len(piece)
