"""What an answer may not cut."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from burnish.tasks.units import snap_to_graphemes, unit_starts
from burnish.tasks.windows import Encoding, TextEncoder


def unit_spans(text: str, encoding: Encoding) -> list[tuple[int, int]]:
    """Where each unit begins and ends in the text."""
    tokens = np.split(encoding.offsets, unit_starts(text, encoding)[1:])
    return [(int(each[:, 0].min()), int(each[:, 1].max())) for each in tokens]


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


@pytest.mark.parametrize("kind", ["wordpiece", "byte_level", "metaspace"])
@pytest.mark.parametrize(
    "name",
    [
        "Nguyễn",
        "Nguye\u0302\u0303n",
        "Nguyê\u0303n",
        "Müller",
        "straße",
        "हिन्दी",
        "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",  # Persian, with a joiner
    ],
)
def test_every_tokenizer_keeps_a_word_with_accents_whole(
    kind: str, name: str, request: pytest.FixtureRequest
) -> None:
    text = f"in {name} i"
    path: Path = request.getfixturevalue(kind)
    encoding = TextEncoder.from_file(path, max_length=64, stride=0).encode(text)
    spans = [text[start:end].strip() for start, end in unit_spans(text, encoding)]
    assert [span for span in spans if span] == ["in", name, "i"]


@pytest.mark.parametrize("kind", ["wordpiece", "byte_level", "metaspace"])
@pytest.mark.parametrize("text", ["東京 한국어 ½ …", "กำลัง ไทย", "👍🏽 a", "\u017ft ßx İx", "card"])
def test_no_two_units_share_a_character(
    kind: str, text: str, request: pytest.FixtureRequest
) -> None:
    path: Path = request.getfixturevalue(kind)
    encoding = TextEncoder.from_file(path, max_length=64, stride=0).encode(text)
    spans = unit_spans(text, encoding)
    assert all(end <= start for (_, end), (start, _) in pairwise(spans))


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
