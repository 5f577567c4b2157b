"""What an answer may not cut."""

from __future__ import annotations

from pathlib import Path

import pytest

from burnish.tasks.units import snap_to_graphemes, unit_starts
from burnish.tasks.windows import TextEncoder


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("munich-york", ["munich", "-", "york"]),
        ("cards2", ["cards2"]),
        ("xylo's card", ["xylo", "'", "s", "card"]),
        ("東京", ["東", "京"]),
    ],
)
def test_word_pieces_are_joined_within_a_run_of_letters(
    wordpiece: Path, text: str, units: list[str]
) -> None:
    encoding = TextEncoder.from_file(wordpiece, max_length=32, stride=0).encode(text)
    starts = encoding.offsets[unit_starts(text, encoding), 0].tolist()
    ends = [*starts[1:], len(text)]
    assert [text[a:b].strip() for a, b in zip(starts, ends, strict=True)] == units


@pytest.mark.parametrize(
    ("text", "given", "expected"),
    [
        ("  york ", (0, 7), "york"),
        ("Mu\u0308ller", (0, 2), "Mu\u0308"),
        ("a 👩\u200d👩\u200d👧 b", (2, 3), "👩\u200d👩\u200d👧"),
        ("🇩🇪🇫🇷", (1, 2), "🇩🇪"),
        ("x" * 900 + "e\u0301", (900, 901), "e\u0301"),
    ],
)
def test_ends_are_moved_to_grapheme_borders(
    text: str, given: tuple[int, int], expected: str
) -> None:
    start, end = snap_to_graphemes(text, *given)
    assert text[start:end] == expected
