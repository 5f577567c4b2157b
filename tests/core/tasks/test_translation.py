"""Translations: texts in pieces that a model can read, and answers of what it wrote for each."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from burnish.errors import ConfigError, InputError
from burnish.generation.settings import GenerationSettings
from burnish.tasks import TranslationTask, WrittenExample
from burnish.tasks.windows import TextEncoder
from burnish.tasks.written.encoding import SourceEncoder, SourceEncoding, join_pieces

CLS, SEP = 2, 3
OWN = GenerationSettings(start_id=CLS, end_ids=(SEP,))
LINES = "The card is lost. Where was it found?\n\n  In Munich.\t"


@pytest.fixture
def encoder(wordpiece: Path) -> TextEncoder:
    return TextEncoder.from_file(wordpiece, max_length=16, stride=0)


def task(**options: Any) -> TranslationTask:
    return TranslationTask(**{"generation": OWN, "max_length": 16, "longest": 20, **options})


def row(source: str, target: str) -> WrittenExample:
    return WrittenExample(id="1", place="1", group=None, subgroups=(), source=source, target=target)


def pieces(text: str, encoder: TextEncoder, *, by_sentence: bool) -> list[str]:
    found = SourceEncoder(encoder, language=None, by_sentence=by_sentence).encode(text)
    return [text[begin:end] for begin, end in found.pieces]


def echo(encoding: SourceEncoding) -> list[Any]:
    """What a model gives that writes each piece as it is, with a probability of a half."""
    ids = [window.input_ids[1:] for window in encoding.windows]
    return [np.stack([each, np.full(len(each), np.log(0.5))], 1).astype(np.float32) for each in ids]


def test_a_line_is_a_piece_or_its_sentences_are(encoder: TextEncoder) -> None:
    assert pieces(LINES, encoder, by_sentence=False) == [
        "The card is lost. Where was it found?",
        "In Munich.",
    ]
    assert pieces(LINES, encoder, by_sentence=True) == [
        "The card is lost.",
        "Where was it found?",
        "In Munich.",
    ]


def test_sentences_of_a_long_line_stand_together_as_long_as_they_fit(encoder: TextEncoder) -> None:
    text = " ".join(["The card is lost."] * 5)
    found = pieces(text, encoder, by_sentence=False)
    assert found == ["The card is lost. The card is lost."] * 2 + ["The card is lost."]


def test_a_sentence_longer_than_the_window_is_divided_between_words(encoder: TextEncoder) -> None:
    text = "the card was lost " * 10
    found = pieces(text, encoder, by_sentence=True)
    assert " ".join(found) == text.strip()
    assert len(found) > 2


@settings(max_examples=60, deadline=None)
@given(text=st.text(alphabet="a b.\n\tç東。!x", min_size=1, max_size=120), by=st.booleans())
def test_every_piece_fits_and_nothing_stands_in_two(wordpiece: Path, text: str, by: bool) -> None:
    encoder = TextEncoder.from_file(wordpiece, max_length=16, stride=0)
    found = SourceEncoder(encoder, language=None, by_sentence=by).encode(text)
    assert all(len(window) <= 16 for window in found.windows)
    ends = [0, *(place for piece in found.pieces for place in piece)]
    assert ends == sorted(ends)
    kept = join_pieces(text, found.pieces, [text[a:b] for a, b in found.pieces])
    assert kept == text
    read = "".join(text[begin:end] for begin, end in found.pieces)
    assert encoder.ids(read.replace(" ", "")) or not encoder.ids(text)


def test_what_stands_between_pieces_is_kept(wordpiece: Path) -> None:
    each = task(by_sentence=True)
    encoder = each.text_encoder(wordpiece)
    encoding = each.encode(LINES, encoder)
    answer = each.decode(LINES, encoding, echo(encoding))
    assert answer.text.count("\n\n  ") == 1
    assert "\t" not in answer.text
    assert answer.windows == 3
    assert answer.writing.score == pytest.approx(0.5)
    assert answer.writing.ended


def test_an_answer_that_was_cut_says_so(wordpiece: Path) -> None:
    each = task()
    encoding = each.encode("the card", each.text_encoder(wordpiece))
    (array,) = echo(encoding)
    answer = each.decode("the card", encoding, [array[:-1]])
    assert not answer.writing.ended
    assert answer.document(1)["ended"] is False


def test_a_row_teaches_its_whole_source_and_target(wordpiece: Path) -> None:
    each = task(by_sentence=True)
    encoder = each.text_encoder(wordpiece)
    example = row("The card. The card.", "it was lost")
    ((window, target),) = each.lessons(example, each.encode(example.source, encoder))
    assert target.tolist() == [*encoder.ids("it was lost"), SEP]
    assert len(window) == 2 + len(encoder.ids(example.source))
    forced = task(generation=OWN.model_copy(update={"forced_start_id": 7}))
    assert forced.target_ids(example, each.encode("the", encoder))[0] == 7


def test_a_row_that_is_too_long_teaches_nothing_and_is_counted(wordpiece: Path) -> None:
    each = task()
    encoder = each.text_encoder(wordpiece)
    rows = [row("the card", "it"), row("the card " * 20, "it"), row("it", "it " * 40)]
    encodings = [each.encode(example.source, encoder) for example in rows]
    assert [bool(each.lessons(*pair)) for pair in zip(rows, encodings, strict=True)] == [
        True,
        False,
        False,
    ]
    assert "2 of 3 rows" in each.hidden_note(rows, encodings)
    assert not each.hidden_note(rows[:1], encodings[:1])


def test_answers_may_be_as_long_as_those_of_the_rows(wordpiece: Path) -> None:
    each = task(longest=None)
    encoder = each.text_encoder(wordpiece)
    rows = [row("the card is lost", "it " * 8), row("the card", "it was")]
    encodings = [each.encode(example.source, encoder) for example in rows]
    sized = each.sized_for(rows, encodings)
    for example, encoding in zip(rows, encodings, strict=True):
        wanted = len(sized.target_ids(example, encoding))
        assert sized.most_tokens(encoding.windows[0]) >= wanted
    assert sized.per_token == pytest.approx((9 + 3) / 6)
    assert task(longest=30).sized_for(rows, encodings).longest == 30


def test_rows_of_single_sentences_make_a_model_of_sentences() -> None:
    single, double = row("One card.", "x"), row("One card. Two cards.", "x")
    assert TranslationTask.for_examples([single] * 19 + [double]).by_sentence
    assert not TranslationTask.for_examples([single, double]).by_sentence


def test_a_score_becomes_the_probability_of_a_good_answer(wordpiece: Path) -> None:
    each = task()
    encoder = each.text_encoder(wordpiece)
    encoding = each.encode("the card is lost", encoder)
    (array,) = echo(encoding)
    sure, unsure = array.copy(), array.copy()
    sure[:, 1], unsure[:, 1] = np.log(0.9), np.log(0.3)
    good, bad = row("the card is lost", "the card is lost"), row("the card is lost", "munich")
    rows = [good] * 60 + [bad] * 60
    logits = [[sure]] * 50 + [[unsure]] * 20 + [[unsure]] * 50
    fitted = each.calibrate(rows, [encoding] * 120, logits)
    high, low = (fitted.decode("x", encoding, [own]).writing.score for own in (sure, unsure))
    assert high > 0.9
    assert low == pytest.approx(1 / 7, abs=0.05)


def test_a_language_takes_the_place_of_the_tokenizers_own(encoder: TextEncoder) -> None:
    tokenizer = encoder._tokenizer
    tokenizer.add_special_tokens(["eng_Latn", "swh_Latn"])
    plain = SourceEncoder(encoder, language=None, by_sentence=False).encode("the card")
    marked = SourceEncoder(encoder, language="swh_Latn", by_sentence=False).encode("the card")
    assert marked.windows[0].input_ids.tolist() == [
        tokenizer.token_to_id("swh_Latn"),
        *plain.windows[0].input_ids,
    ]
    own = task(source_language="eng_Latn", target_language="swh_Latn", generation=None)
    settled = own.settled(OWN, encoder).generation
    assert settled is not None
    assert settled.forced_start_id == tokenizer.token_to_id("swh_Latn")


def test_a_language_that_the_tokenizer_lacks_is_refused(encoder: TextEncoder) -> None:
    with pytest.raises(ConfigError, match="no token 'sw' for a language"):
        task(target_language="sw").settled(OWN, encoder)


@pytest.mark.parametrize("text", ["", " \n", "\ud800", "\x00\x01"])
def test_a_text_without_a_word_is_refused(encoder: TextEncoder, text: str) -> None:
    with pytest.raises(InputError):
        task().encode(text, encoder)
