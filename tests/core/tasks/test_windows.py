"""A text of any length becomes windows; none is cut."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

from burnish.errors import InputError, TextTooLongError
from burnish.tasks.windows import TextEncoder, merge_windows


def encoder(path: Path, max_length: int = 16, stride: int = 4) -> TextEncoder:
    return TextEncoder.from_file(path, max_length=max_length, stride=stride)


def test_a_short_text_is_one_window_with_special_tokens(wordpiece: Path) -> None:
    encoding = encoder(wordpiece).encode("new york")
    (window,) = encoding.windows
    assert window.input_ids.tolist()[0] == 2
    assert window.input_ids.tolist()[-1] == 3
    assert (len(window), window.prefix, encoding.tokens) == (4, 1, 2)
    assert encoding.offsets.tolist() == [[0, 3], [4, 8]]


def test_truncation_and_padding_of_the_tokenizer_file_are_ignored(wordpiece: Path) -> None:
    encoding = encoder(wordpiece, max_length=64).encode("new york " * 20)
    assert encoding.tokens == 40
    assert len(encoding.windows[0]) == 42


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(words=st.integers(0, 90), max_length=st.integers(16, 40), stride=st.integers(0, 8))
def test_every_token_stands_in_a_window(
    wordpiece: Path, words: int, max_length: int, stride: int
) -> None:
    encoding = encoder(wordpiece, max_length, stride).encode("card " * words)
    seen = {i for window in encoding.windows for i in range(window.start, window.stop)}
    assert seen == set(range(encoding.tokens))
    assert all(len(window) <= max_length for window in encoding.windows)
    if len(encoding.windows) > 1:
        assert {len(window) for window in encoding.windows} == {max_length}
        pairs = zip(encoding.windows, encoding.windows[1:], strict=False)
        assert all(left.stop - right.start >= stride for left, right in pairs)


def test_a_question_stands_in_every_window_with_its_own_segment(wordpiece: Path) -> None:
    encoding = encoder(wordpiece).encode_pair("where was it", "the card is lost " * 6)
    assert len(encoding.windows) > 1
    for window in encoding.windows:
        assert window.input_ids[:5].tolist() == encoding.windows[0].input_ids[:5].tolist()
        assert window.prefix == 5
        assert window.token_type_ids.tolist() == [0] * 5 + [1] * (len(window) - 5)


def test_a_pair_of_roberta_has_two_separators_and_one_segment(byte_level: Path) -> None:
    (window,) = encoder(byte_level).encode_pair("ab", "cd").windows
    ids = window.input_ids.tolist()
    assert (ids[0], ids[3], ids[4], ids[-1]) == (0, 2, 2, 2)
    assert set(window.token_type_ids.tolist()) == {0}


def test_a_question_longer_than_half_the_window_is_refused(wordpiece: Path) -> None:
    with pytest.raises(InputError, match="9 tokens, more than half"):
        encoder(wordpiece).encode_pair("card " * 9, "the card")


@pytest.mark.parametrize(("max_length", "stride"), [(384, 192), (128, 64), (16, 8)])
def test_the_longest_question_does_not_make_a_window_of_every_token(
    wordpiece: Path, max_length: int, stride: int
) -> None:
    question = "card " * (max_length // 2)
    encoding = encoder(wordpiece, max_length, stride).encode_pair(question, "card " * 20_000)
    room = max_length - max_length // 2 - 3
    assert len(encoding.windows) <= 4 * 20_000 / room
    seen = {i for window in encoding.windows for i in range(window.start, window.stop)}
    assert seen == set(range(20_000))


def test_a_question_of_a_quarter_of_the_window_leaves_the_overlap_as_it_was_asked_for(
    wordpiece: Path,
) -> None:
    encoding = encoder(wordpiece, 384, 192).encode_pair("card " * 96, "card " * 2_000)
    overlaps = {left.stop - right.start for left, right in pairwise(encoding.windows[:-1])}
    assert overlaps == {192}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(words=st.integers(1, 80))
def test_merging_takes_each_token_from_the_window_that_shows_most_around_it(
    wordpiece: Path, words: int
) -> None:
    encoding = encoder(wordpiece).encode("card " * words)
    logits = []
    for window in encoding.windows:
        array = np.zeros((len(window), 2), dtype=np.float32)
        for index in range(window.start, window.stop):
            row = window.prefix + index - window.start
            left = index - window.start if window.start else 99
            right = window.stop - 1 - index if window.stop < encoding.tokens else 99
            array[row] = index, min(left, right)
        logits.append(array)
    merged = merge_windows(encoding, logits)
    assert merged[:, 0].tolist() == list(range(encoding.tokens))
    stacked: dict[int, float] = {}
    for window, array in zip(encoding.windows, logits, strict=True):
        for row in array[window.prefix : window.prefix + window.stop - window.start].tolist():
            stacked[int(row[0])] = max(row[1], stacked.get(int(row[0]), -1))
    assert merged[:, 1].tolist() == [stacked[i] for i in range(encoding.tokens)]


@pytest.mark.parametrize(
    ("words", "starts"), [(1, [0]), (14, [0]), (15, [0, 1]), (24, [0, 10]), (40, [0, 10, 20, 26])]
)
def test_windows_begin_a_window_less_the_overlap_apart_and_the_last_ends_with_the_text(
    wordpiece: Path, words: int, starts: list[int]
) -> None:
    """Of 16 tokens two are special; 14 less an overlap of 4 is a step of 10."""
    encoding = encoder(wordpiece).encode("card " * words)
    assert [window.start for window in encoding.windows] == starts
    assert [window.stop for window in encoding.windows] == [
        min(start + 14, words) for start in starts
    ]


def test_a_long_question_leaves_steps_of_a_quarter_of_the_room(wordpiece: Path) -> None:
    """Of 16 tokens 3 are special and 8 the question's: 5 are left, and an overlap of 8 is asked."""
    encoding = encoder(wordpiece, 16, 8).encode_pair("card " * 8, "card " * 10)
    assert [(window.start, window.stop) for window in encoding.windows] == [
        (0, 5),
        (2, 7),
        (4, 9),
        (5, 10),
    ]


def test_a_window_holds_its_own_tokens_between_the_special_ones(wordpiece: Path) -> None:
    encoding = encoder(wordpiece, 16, 4).encode(
        "a i new york zoe to in the card is lost was it found and a i"
    )
    whole = encoder(wordpiece, 64, 4).encode(
        "a i new york zoe to in the card is lost was it found and a i"
    )
    ids = whole.windows[0].input_ids[1:-1].tolist()
    assert len(encoding.windows) == 2
    for window in encoding.windows:
        assert window.input_ids.tolist() == [2, *ids[window.start : window.stop], 3]
        assert window.token_type_ids.tolist() == [0] * 16


@pytest.mark.parametrize(
    ("kind", "text", "unknown"),
    [
        ("wordpiece", "the card", 0),
        ("wordpiece", "the \u2713 card \u2603", 2),
        ("byte_level", "the \u2713 card", 0),
        ("metaspace", "the card", 0),
        ("metaspace", "the card Q", 1),
    ],
)
def test_tokens_that_the_vocabulary_lacks_are_counted(
    request: pytest.FixtureRequest, kind: str, text: str, unknown: int
) -> None:
    path: Path = request.getfixturevalue(kind)
    assert encoder(path, 64).encode(text).unknown == unknown


def test_the_memory_of_texts_counts_all_of_them_and_the_longest_piece(wordpiece: Path) -> None:
    one = encoder(wordpiece)
    assert one.memory_bytes([]) == 0
    assert one.memory_bytes(["abc", "de"]) == 64 * 5 + 600 * 3
    long = "card " * 8_000
    least, most = (64 * 40_000 + 600 * size for size in (15_000, 17_000))
    assert least < one.memory_bytes([long]) < most


def test_texts_without_offsets_have_the_same_windows(wordpiece: Path) -> None:
    text = "new york " * 300  # beyond 2048 characters
    plain, placed = (encoder(wordpiece).encode(text, offsets=each) for each in (False, True))
    assert (plain.offsets.shape, plain.words.shape) == ((0, 2), (0,))
    assert placed.offsets[:3].tolist() == [[0, 3], [4, 8], [9, 12]]
    assert placed.words.tolist() == list(range(600))
    for one, other in zip(plain.windows, placed.windows, strict=True):
        assert one.input_ids.tolist() == other.input_ids.tolist()


def test_of_two_texts_the_longer_is_cut_into_windows(wordpiece: Path) -> None:
    both = encoder(wordpiece, 16, 4)
    tokenizer = Tokenizer.from_file(str(wordpiece))
    tokenizer.no_padding()
    for first, second in (("the card", "card is lost " * 20), ("card is lost " * 20, "the card")):
        found = both.encode_texts(first, second)
        assert found.tokens == 62
        assert len(found.windows) > 2
        assert all(len(window) == 16 for window in found.windows)
        short = tokenizer.encode("the card", add_special_tokens=False).ids
        for window in found.windows:
            ids = window.input_ids.tolist()
            kept = ids[1:3] if first == "the card" else ids[-3:-1]
            assert kept == short
            types = window.token_type_ids.tolist()
            assert types == sorted(types)
            assert types.count(1) == (12 if first == "the card" else 3)


def test_two_short_texts_are_read_as_the_tokenizer_joins_them(wordpiece: Path) -> None:
    (window,) = encoder(wordpiece, 16, 4).encode_texts("the card", "is lost").windows
    tokenizer = Tokenizer.from_file(str(wordpiece))
    tokenizer.no_padding()
    joined = tokenizer.encode("the card", "is lost")
    assert window.input_ids.tolist() == joined.ids
    assert window.token_type_ids.tolist() == joined.type_ids


@pytest.mark.parametrize("texts", [("\u200b", "the card"), ("the card", "\u200b")])
def test_each_of_two_texts_needs_a_word(wordpiece: Path, texts: tuple[str, str]) -> None:
    with pytest.raises(InputError, match=r"no word in the (first|second) text"):
        encoder(wordpiece).encode_texts(*texts)


def test_two_long_texts_are_refused(wordpiece: Path) -> None:
    with pytest.raises(TextTooLongError, match="shorter of the two texts has 9 tokens"):
        encoder(wordpiece, 16, 4).encode_texts("card " * 9, "card " * 30)
