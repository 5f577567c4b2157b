"""Marks in a text: where they overlap, and around characters that take several code units."""

from __future__ import annotations

from burnish.evidence.side_by_side.page import Piece, pieces
from burnish.tasks.cells import Mark

TEXT = "😀 cafe\u0301\r\nanna"


def test_pieces_are_the_text() -> None:
    marks = [Mark(2, 7, "place", is_true=True, is_said=True), Mark(9, 13, "x", True, False)]
    found = list(pieces(TEXT, marks))
    assert "".join(piece.text for piece in found) == TEXT
    assert [(p.text, p.kinds) for p in found if p.kinds] == [
        ("cafe\u0301", "right"),
        ("anna", "missed"),
    ]
    assert found[-1].ends == (("missed", "x"),)


def test_marks_that_overlap_are_both_there() -> None:
    true = Mark(0, 6, "person", is_true=True, is_said=False)
    said = Mark(4, 9, "place", is_true=False, is_said=True)
    assert list(pieces("abcdefghij", [said, true])) == [
        Piece("abcd", "missed", ()),
        Piece("ef", "missed predicted", (("missed", "person"),)),
        Piece("ghi", "predicted", (("predicted", "place"),)),
        Piece("j", "", ()),
    ]


def test_a_text_without_marks_is_one_piece() -> None:
    assert list(pieces("abc", [])) == [Piece("abc", "", ())]
