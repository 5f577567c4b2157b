"""chrF++ and BLEU of sums, beside sacreBLEU's own of the corpus."""

from __future__ import annotations

import random
import subprocess
import sys

import numpy as np
import pytest
import sacrebleu

from burnish.errors import MissingExtraError
from burnish.tasks.written import sums

_TEXT = "osha mikono kwa sabuni na maji, mara nyingi! (COVID-19) ni ugonjwa 漢字 tafsiri ya"
WORDS = _TEXT.split()
EDGES = [("", "a b"), ("a b", ""), ("", ""), ("x", "y"), ("a", "a"), ("Homa.", "Homa"), (" ", "?")]


def some_rows(count: int, seed: int = 3) -> list[tuple[str, str]]:
    """Texts with references that share some of their words."""
    rng = random.Random(seed)
    found = []
    for _ in range(count):
        reference = [rng.choice(WORDS) for _ in range(rng.randint(1, 14))]
        text = [word if rng.random() < 0.7 else rng.choice(WORDS) for word in reference]
        found.append((" ".join(text[rng.randint(0, 2) :]), " ".join(reference)))
    return found


CORPORA = [some_rows(40), some_rows(3, seed=8), [*EDGES, *some_rows(5)], EDGES, [("", "a b c d e")]]


@pytest.mark.parametrize("rows", CORPORA)
def test_summed_counts_have_the_chrf_of_the_corpus(rows: list[tuple[str, str]]) -> None:
    total = np.sum([sums.chrf_counts(*row) for row in rows], axis=0)
    texts, references = [list(side) for side in zip(*rows, strict=True)]
    theirs = sacrebleu.corpus_chrf(texts, [references], word_order=2).score
    assert float(sums.chrf(total)) == pytest.approx(theirs / 100, abs=1e-12)


@pytest.mark.parametrize("rows", CORPORA)
@pytest.mark.parametrize("tokenizer", ["13a", "zh", "char"])
def test_summed_counts_have_the_bleu_of_the_corpus(
    rows: list[tuple[str, str]], tokenizer: str
) -> None:
    total = np.sum([sums.bleu_counts(*row, tokenizer=tokenizer) for row in rows], axis=0)
    texts, references = [list(side) for side in zip(*rows, strict=True)]
    theirs = sacrebleu.corpus_bleu(texts, [references], tokenize=tokenizer).score
    assert float(sums.bleu(total)) == pytest.approx(theirs / 100, abs=1e-12)


def test_many_sums_are_scored_at_once_as_each_alone() -> None:
    rows = some_rows(12)
    for counts, score, size in (
        (sums.chrf_counts, sums.chrf, sums.CHRF_COUNTS),
        (sums.bleu_counts, sums.bleu, sums.BLEU_COUNTS),
    ):
        statistics = np.stack([counts(*row) for row in rows])
        assert statistics.shape == (12, size)
        weights = np.random.default_rng(0).multinomial(12, np.full(12, 1 / 12), size=(2, 3))
        together = score(weights @ statistics)
        assert together.shape == (2, 3)
        assert together[1, 2] == pytest.approx(float(score(weights[1, 2] @ statistics)))


@pytest.mark.parametrize(
    ("language", "name"),
    [("", "13a"), ("sw", "13a"), ("zh-Hans", "zh"), ("ZH_tw", "zh"), ("ja", "char")],
)
def test_words_are_cut_as_the_language_writes_them(language: str, name: str) -> None:
    assert sums.bleu_tokenizer(language) == name


def test_signatures_name_every_setting_and_the_version() -> None:
    found = sums.signatures("zh")
    assert found["chrf"] == (
        f"nrefs:1|case:mixed|eff:yes|nc:6|nw:2|space:no|version:{sacrebleu.__version__}"
    )
    assert "tok:zh|smooth:exp" in found["bleu"]


def test_sacrebleu_is_imported_only_for_scores() -> None:
    code = (
        "import sys; from burnish.tasks.written import scores, sums;"
        "print(any(name in sys.modules for name in ('sacrebleu', 'lxml', 'rouge_score')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_without_sacrebleu_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sacrebleu", None)
    sums._metrics.cache_clear()
    sums._chrf.cache_clear()
    with pytest.raises(MissingExtraError, match=r"burnish\[train\]"):
        sums.chrf_counts("a", "a")
    sums._metrics.cache_clear()
