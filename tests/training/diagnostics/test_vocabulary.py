"""How a tokenizer reads words, and the advice."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from burnish.errors import DataError
from burnish.training.diagnostics.vocabulary import Advice, Reading, Words, advise, read_words
from tests.tiny import tiny_base


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory) -> Path:
    return tiny_base(tmp_path_factory.mktemp("base") / "bert") / "tokenizer.json"


def test_figures_can_be_checked_by_hand(tokenizer: Path) -> None:
    """`parcels` is `parcel` and `##s`; the digits and the comma are no words."""
    found = read_words(tokenizer, ["my parcels, my parcels 12", "my Card"])
    assert found.words == 6
    assert found.different == 3
    assert found.split == pytest.approx(2 / 6)
    assert found.tokens_a_word == pytest.approx(8 / 6)
    assert found.unknown == 0
    assert found.concentrated == 1
    (term,) = found.terms
    assert (term.word, term.count, term.pieces) == ("parcels", 2, ("parcel", "##s"))


def test_unknown_tokens_are_counted(tokenizer: Path) -> None:
    found = read_words(tokenizer, ["my слово card"])
    assert found.unknown == pytest.approx(1 / 3)
    assert advise(found)[0] is Advice.OTHER


def test_terms_that_cost_most_come_first(tokenizer: Path) -> None:
    words = Words(tokenizer)
    words.add("parcels cards cards cards")
    assert [term.word for term in words.terms()] == ["cards", "parcels"]


def test_sums_are_exact_where_rare_words_were_dropped(tokenizer: Path) -> None:
    texts = [f"my parcels, my cards {'abc'[n % 3] * (n % 40 + 1)} слово" for n in range(400)]
    whole, small = Words(tokenizer), Words(tokenizer, most_bytes=2_000)
    for text in texts:
        whole.add(text)
        small.add(text)
    all_kept, some_kept = whole.read(), small.read()
    assert all_kept.uncounted == 0
    assert some_kept.uncounted > 0
    for name in ("words", "tokens_a_word", "split", "unknown"):
        assert getattr(some_kept, name) == getattr(all_kept, name)
    assert {term.word for term in some_kept.terms[:2]} == {"parcels", "cards"}


def test_terms_are_those_that_occur_often_enough(tokenizer: Path) -> None:
    words = Words(tokenizer)
    words.add("parcels cards cards cards lates lates")
    assert [term.word for term in words.terms(1)] == ["cards"]
    assert [term.word for term in words.terms(9, fewest=2)] == ["cards", "lates"]


@pytest.mark.parametrize("family", ["roberta", "xlm-roberta"])
def test_other_tokenizers_are_read_too(tmp_path, family) -> None:
    base = tiny_base(tmp_path / family, family)
    found = read_words(base / "tokenizer.json", ["my card is late", "my card"])
    assert found.words == 6
    assert found.different == 4


def test_texts_without_words_are_refused(tokenizer: Path) -> None:
    with pytest.raises(DataError, match="have no word"):
        read_words(tokenizer, ["12, 13", "!"])


READING = Reading(
    words=1000,
    different=100,
    tokens_a_word=1.1,
    split=0.05,
    unknown=0.0,
    concentrated=0.1,
    terms=(),
)


@pytest.mark.parametrize(
    ("split", "concentrated", "unknown", "expected"),
    [
        (0.05, 1.0, 0.0, Advice.AS_IT_IS),
        (0.17, 0.1, 0.0, Advice.ADAPT),
        (0.17, 0.5, 0.0, Advice.ADD),
        (0.60, 0.5, 0.0, Advice.OTHER),
        (0.05, 0.1, 0.2, Advice.OTHER),
    ],
)
def test_one_advice_is_given(split, concentrated, unknown, expected) -> None:
    found = replace(READING, split=split, concentrated=concentrated, unknown=unknown)
    advice, reason = advise(found)
    assert advice is expected
    assert "%" in reason
