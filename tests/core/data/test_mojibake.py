"""Mojibake: a damaged text is repaired whole or not at all, and offsets follow."""

from __future__ import annotations

from itertools import product

import pytest

from burnish.data.edits import certain_edits
from burnish.data.mojibake import find_mojibake

WORDS = (
    *("Überraschung", "naïve", "20 €", "don\u2019t", "Łódź", "été 😀", "straße", "Győr újság"),
    *("Zażółć gęślą jaźń", "Příliš žluťoučký kůň", "Москва слезам", "«ça» \u2013 \u201cnon\u201d"),
)
ENCODINGS = (
    *("latin-1", "cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1257"),
    *("iso-8859-2", "mac_roman", "cp437", "cp850", "cp852"),
)


def _damaged(text: str, encoding: str, times: int) -> str:
    for _ in range(times):
        text = text.encode("utf-8").decode(encoding)
    return text


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("times", [1, 2])
def test_a_text_becomes_what_it_was_or_stays_as_it_is(encoding: str, times: int) -> None:
    for word in WORDS:
        text = f"the {word} of it"
        try:
            damaged = _damaged(text, encoding, times)
        except UnicodeDecodeError:  # the bytes have no place in this encoding
            continue
        assert certain_edits(damaged).text in (text, damaged)


@pytest.mark.parametrize(
    ("word", "encoding", "times"),
    [
        *product(("Überraschung", "naïve", "20 €", "don\u2019t", "été"), ("cp1252",), (1, 2)),
        *product(WORDS, ("latin-1",), (1, 2)),
        *product(("Zażółć gęślą jaźń", "été"), ("cp1250",), (1, 2)),
        ("Москва слезам", "latin-1", 2),
    ],
)
def test_usual_damage_is_repaired_and_every_offset_follows(
    word: str, encoding: str, times: int
) -> None:
    text = f"the {word} of it"
    edited = certain_edits(_damaged(text, encoding, times))
    assert edited.text == text
    for at in range(len(text) + 1):
        assert edited.moved(len(_damaged(text[:at], encoding, times))) == at


@pytest.mark.parametrize(
    "damaged",
    [
        "Müller war Ã¼ber, und das â\ufffd\ufffd fehlt",  # something is lost
        "dĆ©jĆ\u00a0 lĆ\u00a0",  # "déjà là" in one encoding, "dƩjƠ lƠ" in another
        "dÃ©jÃ lÃ et voilÃ",  # whose last letter is half lost
        "naÄ\u201aĹ»ve",  # one layer undone leaves another
    ],
)
def test_what_is_not_certain_is_reported_and_left(damaged: str) -> None:
    found = find_mojibake(damaged)
    assert found is not None
    assert not found.is_certain
    assert certain_edits(damaged).text == damaged


def test_a_space_in_place_of_a_lost_one_is_put_right_where_the_text_is_damaged() -> None:
    assert certain_edits("cafÃ© de lÃ bas").text == "café de là bas"


@pytest.mark.parametrize(
    "text",
    ["SÃO PAULO", "Â ", "50 £ / 20 €", "Ünïcödé ÀÈ", "«Ô»", "naïve", "½ ¾", "a\u0084b", "日本"],
)
def test_real_text_is_no_mojibake(text: str) -> None:
    assert find_mojibake(text) is None
