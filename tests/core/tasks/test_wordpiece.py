"""Plain text is tokenized as the library tokenizes it; all else is left to the library."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import AddedToken, Tokenizer
from tokenizers.models import WordPiece
from tokenizers.normalizers import BertNormalizer, Lowercase
from tokenizers.pre_tokenizers import BertPreTokenizer, Whitespace

from burnish.tasks.wordpiece import PlainWordPiece, Tokens

WORDS = (
    "card",
    "lost",
    "straße",
    "strasse",
    "élan",
    "elan",
    "don",
    "t",
    "i",
    "Card",
    "§",
    "€",
    "_",
)
PARTS = ("##s", "##ß", "##e", "##é", "##er", "##1", "##0")
SIGNS = tuple("!\"#$%&'()*+,-./:;<=>?@[\\]^`{|}~„“\u2013…")
VOCABULARY = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", *WORDS, *PARTS, *SIGNS, *"abcdelnorst01289ßé")


def bert(**normalizer: bool) -> Tokenizer:
    numbers = {token: n for n, token in enumerate(dict.fromkeys(VOCABULARY))}
    tokenizer = Tokenizer(WordPiece(numbers, unk_token="[UNK]", max_input_chars_per_word=20))
    tokenizer.normalizer = BertNormalizer(**normalizer)
    tokenizer.pre_tokenizer = BertPreTokenizer()
    tokenizer.add_special_tokens(["[PAD]", "[UNK]", "[CLS]", "[SEP]"])
    return tokenizer


NORMALIZERS: tuple[dict[str, bool], ...] = (
    {},
    {"lowercase": False},
    {"strip_accents": False},
    {"lowercase": False, "strip_accents": True},
    {"clean_text": False},
)
PAIRS = [(t, PlainWordPiece.of(t)) for t in (bert(**given) for given in NORMALIZERS)]
FRAGMENTS = (
    *WORDS,
    *SIGNS,
    " ",
    "\t\n",
    "cards",
    "Straßer",
    "ÉLAN",
    "İ",
    "ŁÓDŹ",
    "x" * 21,
    "e\u0301",
)
TEXTS = st.one_of(
    st.lists(st.sampled_from(FRAGMENTS)).map("".join),
    st.text(st.characters(max_codepoint=0x17F)),
    st.text(),
)


@given(TEXTS)
def test_tokens_are_the_librarys(text: str) -> None:
    for tokenizer, plain in PAIRS:
        assert plain is not None
        found = plain.tokens(text)
        if found is None:
            assert plain.ids(text) is None
            continue
        expected = tokenizer.encode(text, add_special_tokens=False)
        assert found == Tokens(expected.ids, expected.offsets, expected.word_ids)
        assert plain.ids(text) == expected.ids


@pytest.mark.parametrize(
    "text", ["", "The card's lost!", "Die Straße: „Élan“ \u2013 10 € …", "a\tb\nc", "x" * 50]
)
def test_european_text_is_plain(text: str) -> None:
    assert all(plain is not None and plain.ids(text) is not None for _, plain in PAIRS[:-1])


@pytest.mark.parametrize("text", ["the [SEP] card", "日本", "a\x00b", "e\u0301lan", "ﬁ", "😀"])
def test_what_the_library_treats_otherwise_is_left_to_it(text: str) -> None:
    plain = PAIRS[0][1]
    assert plain is not None
    assert plain.ids(text) is None
    assert plain.tokens(text) is None


def test_an_added_token_is_seen_in_either_case() -> None:
    tokenizer = bert()
    tokenizer.add_tokens([AddedToken("NAME", normalized=True)])
    plain = PlainWordPiece.of(tokenizer)
    assert plain is not None
    assert plain.ids("Name lost") is None
    assert plain.ids("card lost") == tokenizer.encode("card lost").ids


def test_other_tokenizers_are_the_librarys() -> None:
    other = bert()
    other.normalizer = Lowercase()
    cut = bert()
    cut.pre_tokenizer = Whitespace()
    many = bert()
    many.add_tokens([f"<{n}>" for n in range(30)])
    accented = bert()
    accented.add_tokens(["é"])
    assert [PlainWordPiece.of(t) for t in (other, cut, many, accented)] == [None] * 4
