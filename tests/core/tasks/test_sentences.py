"""Sentences by their places: marked texts, what holds of every text, and the time of long ones."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from burnish.tasks.sentences import split_sentences
from tests.core.tasks.sentence_cases import CASES, MISSED, Case


def split(text: str) -> list[str]:
    return [text[start:end] for start, end in split_sentences(text)]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.text[:40])
def test_a_text_is_split_where_a_reader_splits_it(case: Case) -> None:
    assert split(case.text) == case.sentences


@pytest.mark.xfail(reason="known to be missed")
@pytest.mark.parametrize("case", MISSED, ids=lambda case: case.text[:40])
def test_a_text_that_is_split_wrongly(case: Case) -> None:
    assert split(case.text) == case.sentences


MARKS = ["(", ")", "[", "]", "「", "」", "- ", "# ", "1. ", "(a) ", '"', "»", "é", "\u0301", "\x1c"]
PIECES = st.sampled_from(
    [
        *MARKS,
        "A",
        "b",
        "Dr",
        "12",
        "§",
        ".",
        "!",
        "?",
        "。",
        "…",
        " ",
        "\n",
        "\n\n",
        "\r\n",
        "\t",
        "\f",
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES, max_size=40).map("".join) | st.text(max_size=60))
def test_every_character_that_is_no_space_is_in_one_sentence(text: str) -> None:
    places = split_sentences(text)
    ends = [0, *(end for _, end in places)]
    starts = [*(start for start, _ in places), len(text)]
    assert not any(text[end:start].strip() for end, start in zip(ends, starts, strict=True))
    for (start, end), before in zip(places, ends, strict=False):
        assert before <= start < end
        assert text[start:end] == text[start:end].strip()


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("", []),
        (" \n\t\n ", []),
        ("\n  One.  Two.  \n\n", ["One.", "Two."]),
        ("It ends here\fand goes on. Next.", ["It ends here\fand goes on.", "Next."]),
        ("first. second. not temp. 38", ["first.", "second.", "not temp. 38"]),
        ("First. second.", ["First. second."]),
        ("a (b. C. Dem" + " x" * 200 + ") E.", ["a (b. C. Dem" + " x" * 200 + ") E."]),
        ("He ran (off. " + "Why " * 130 + ") left.", ["He ran (off.", "Why " * 130 + ") left."]),
    ],
)
def test_edges(text: str, sentences: list[str]) -> None:
    assert split(text) == sentences


@pytest.mark.parametrize(
    "unit",
    [
        "word ",
        "a",
        ".",
        ". ",
        "Ab. Cd. ",
        "(",
        "( a",
        "A\n",
        "No.\n\n",
        "1. ",
        "文。",
        '."',
        "- a\n",
    ],
    ids=repr,
)
def test_the_time_grows_with_the_text_and_no_faster(unit: str) -> None:
    def seconds(length: int) -> float:
        """The least of three: what else runs may make one of them slower."""
        text, found = (unit * length)[:length], []
        for _ in range(3):
            begin = time.process_time()
            split_sentences(text)
            found.append(time.process_time() - begin)
        return min(found)

    assert seconds(120_000) < 12 * seconds(20_000) + 0.1


def test_syntok_is_asked_about_a_bounded_number_of_places(monkeypatch) -> None:
    from burnish.tasks.sentences import splitting

    asked: list[object] = []

    def segment(tokens: object) -> list[object]:
        asked.append(tokens)
        return []

    monkeypatch.setattr(splitting, "_MOST_ASKED", 3)
    monkeypatch.setattr(splitting, "segment", segment)
    assert len(split("Some words. " * 10)) == 10 - 3
    assert len(asked) == 3
