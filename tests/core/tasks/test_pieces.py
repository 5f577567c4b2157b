"""Long texts in pieces have the ids, offsets and words of the whole, over hostile Unicode."""

from __future__ import annotations

import functools
import random
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tokenizers import AddedToken, Regex, Tokenizer, models, normalizers, pre_tokenizers, trainers

from burnish.tasks import pieces
from burnish.tasks.pieces import Cutter
from burnish.tasks.windows import TextEncoder
from tests.tiny_onnx import tiny_tokenizer

CORPUS = [
    "The invoice of 12,345.67 was sent to Ada's café in Zürich; aaaa aaaaa aaaaaa.",
    "der  Brief   kam an\n\nund 'twas don't we'll 2026-02-01 10:30:59 !!! ... ---",
    "日本語のテキスト 中文文本 한국어 ไทย हिन्दी עברית العربية 🙂👩‍👩‍👧 e\u0301a\u0308",
]
ALPHABET = [
    *"ab e.,!-'\"()[]#@\n\t\r0123456789éäßÉ\u0130\u017f\u01c5\ufb01½²\u2167",
    *("  ", "    ", "aaaa", "the", "don't", "...", "[SEP]", "[UNK]", "<mask>", "##", "1234567"),
    *("\u0301", "\u0308\u0323", "\u200b", "\u200d", "\u200c", "\ufe0f", "\u00a0", "\u2028"),
    *("\u3000", "\u0085", "\x1c", "\x00", "\x7f", "\ufffd", "\ufeff", "\U000e0041", "▁", "Ġ"),
    *("中", "文", "日本", "ｱ", "가", "\u1100\u1161", "ไท", "क्षि", "🙂", "🇩🇪", "\U0001d552"),
    "👩\u200d👩\u200d👧",
]


def bert(**settings: bool) -> Tokenizer:
    tokenizer = tiny_tokenizer()
    if settings:
        tokenizer.normalizer = normalizers.BertNormalizer(**settings)
    return tokenizer


def byte_level(*, prefix: bool = False, mask: bool = False) -> Tokenizer:
    """RoBERTa's kind."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=prefix)
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=600, initial_alphabet=alphabet, show_progress=False)
    tokenizer.train_from_iterator(CORPUS * 3, trainer)
    if mask:
        tokenizer.add_special_tokens([AddedToken("<mask>", lstrip=True, rstrip=True)])
    return tokenizer


def unigram(*, scheme: str = "always", split: bool = True) -> Tokenizer:
    """XLM-R's kind."""
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme=scheme, split=split)
    trainer = trainers.UnigramTrainer(
        vocab_size=250, unk_token="<unk>", special_tokens=["<unk>"], show_progress=False
    )
    tokenizer.train_from_iterator(CORPUS * 5, trainer)
    return tokenizer


def whitespace() -> Tokenizer:
    tokenizer = byte_level()
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFD(), normalizers.StripAccents()])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.WhitespaceSplit(),
            pre_tokenizers.Punctuation(),
            pre_tokenizers.Digits(individual_digits=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    return tokenizer


CUT: dict[str, Callable[[], Tokenizer]] = {
    "bert": bert,
    "bert cased": lambda: bert(lowercase=False, strip_accents=False),
    "bert without ideographs": lambda: bert(handle_chinese_chars=False),
    "byte-level": byte_level,
    "byte-level with a prefix": lambda: byte_level(prefix=True, mask=True),
    "unigram": unigram,
    "unigram, first": lambda: unigram(scheme="first"),
    "unigram, never": lambda: unigram(scheme="never"),
    "white space": whitespace,
}


@functools.cache
def made(kind: str) -> Tokenizer:
    return CUT[kind]()


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch):
    monkeypatch.setattr(pieces, "PIECE_CHARACTERS", 300)
    monkeypatch.setattr("burnish.tasks.windows._LONG_CHARACTERS", 256)


def check(kind: str, text: str) -> int:
    """Compare pieces and whole; the number of pieces."""
    tokenizer = made(kind)
    encoder = TextEncoder(tokenizer, max_length=64, stride=8)
    found = encoder.encode(text)
    whole = tokenizer.encode(text, add_special_tokens=False)
    ids = encoder._tokens(text, offsets=True).ids
    assert ids.tolist() == whole.ids
    assert encoder._tokens(text, offsets=False).ids.tolist() == whole.ids
    assert found.offsets.tolist() == [list(pair) for pair in whole.offsets]
    words = np.array([-1 if word is None else word for word in whole.word_ids])
    assert ((found.words == -1) == (words == -1)).all()
    assert ((np.diff(found.words) == 0) == (np.diff(words) == 0)).all()
    spans = list(encoder._cutter.spans(text))
    assert "".join(text[begin:end] for begin, end in spans) == text
    return len(spans)


@pytest.mark.parametrize("kind", CUT)
def test_a_plain_text_is_cut_and_nothing_changes(kind):
    text = " ".join(CORPUS) * 20
    assert check(kind, text) > len(text) // 900


@pytest.mark.parametrize("kind", CUT)
@pytest.mark.parametrize("seed", range(6))
def test_hostile_unicode_is_cut_and_nothing_changes(kind, seed):
    rng = random.Random(seed)
    few = rng.sample(ALPHABET, rng.choice((3, 8, len(ALPHABET))))
    check(kind, "".join(rng.choices([*few, " ", "a"], k=2500)))


@pytest.mark.parametrize("kind", ["bert", "byte-level", "unigram"])
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    parts=st.lists(st.one_of(st.sampled_from(ALPHABET), st.text(max_size=5)), max_size=40),
    times=st.integers(1, 60),
)
def test_any_text_that_repeats_is_cut_and_nothing_changes(kind, parts, times):
    text = "".join(parts).encode("utf-8", "ignore").decode() * times
    if text:
        check(kind, text)


LONG = {
    "letters": "a" * 4001,
    "digits": "1234567" * 600 + " end",
    "spaces": "a" + " " * 4000 + "b",
    "dots": "." * 4000,
    "ideographs": "漢字" * 2000,
    "thai": "ภาษาไทย" * 600,
    "accents": "e" + "\u0301" * 3000,
    "quotes": "' '" * 1500,
    "masks": "<mask> a " * 500,
    "newlines": "a\n\n\nb\n" * 700,
}


@pytest.mark.parametrize("kind", CUT)
@pytest.mark.parametrize("what", LONG)
def test_long_runs_are_not_cut_wrongly(kind, what):
    check(kind, LONG[what])


@pytest.mark.parametrize("what", ["dots", "ideographs"])
def test_bert_cuts_between_what_it_isolates(what):
    assert check("bert", LONG[what]) > 5


def split_by_regex() -> Tokenizer:
    """As Llama 3 groups digits: where a run begins tells where it is cut."""
    tokenizer = byte_level()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(r"\p{N}{1,3}|[^\p{N}]+"), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    return tokenizer


def with_added(content: str) -> Tokenizer:
    tokenizer = bert()
    tokenizer.add_tokens([AddedToken(content, normalized=False)])
    return tokenizer


WHOLE: dict[str, Callable[[], Tokenizer]] = {
    "one word of all": lambda: unigram(split=False),
    "a regex": split_by_regex,
    "a token with a space": lambda: with_added("b b"),
    "a long token": lambda: with_added("x" * 200),
    "no words": lambda: Tokenizer(models.BPE()),
}


@pytest.mark.parametrize("kind", WHOLE)
def test_where_nothing_is_known_the_text_stays_whole_and_weighs_so(kind):
    tokenizer = WHOLE[kind]()
    text = "a b b " * 3000
    assert list(Cutter.of(tokenizer).spans(text)) == [(0, len(text))]
    assert Cutter.of(tokenizer).longest(text) == len(text)


def test_the_neighbourhood_shows_a_cut_that_the_pipeline_does_not_bear():
    """A token of the user's that takes the space behind it: what follows has none then."""
    cutter = Cutter.of(made("byte-level with a prefix"))
    text = "<mask> a <mask> a"
    assert [cutter._joins(text, place, 0) for place in (6, 8)] == [False, True]


def test_a_text_in_pieces_weighs_less():
    encoder = TextEncoder(made("bert"), max_length=64, stride=8)
    assert encoder.memory_bytes(["ab " * 10_000]) < 80 * 30_000
    assert encoder.memory_bytes(["b" * 30_000]) > 600 * 30_000
