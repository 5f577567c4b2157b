"""ROUGE of any script, and the sentences that reach most of it."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from itertools import combinations

import pytest

from burnish.errors import MissingExtraError
from burnish.tasks import rouge
from burnish.tasks.ngrams import tokens
from burnish.tasks.summary.oracle import greedy_oracle


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("The Käufer's 2 words, re-read!", ["the", "käufer", "s", "2", "words", "re", "read"]),
        ("Ka\u0308ufer", ["käufer"]),
        ("Суд отказал", ["суд", "отказал"]),
        ("裁判所はA社", ["裁", "判", "所", "は", "a", "社"]),
        ("ラー。", ["ラ", "ー"]),
        ("ที่", ["ที่"]),
        ("한국 법원", ["한국", "법원"]),
        ("हिन्दी में", ["हिन्दी", "में"]),
        ("_ --- ...", []),
    ],
)
def test_words_of_any_script_are_found(text: str, words: list[str]) -> None:
    assert tokens(text) == words


def test_figures_that_can_be_worked_out_by_hand() -> None:
    found = rouge.scores("Der Käufer zahlt den Preis", "Den Preis zahlt der Käufer heute.")
    assert found.rouge1 == pytest.approx(2 * 5 / (5 + 6))
    assert found.rouge2 == pytest.approx(2 * 2 / (4 + 5))  # der käufer, den preis
    assert found.rouge_l == pytest.approx(2 * 2 / (5 + 6))


@pytest.mark.parametrize(("summary", "reference"), [("", "a"), ("a", ""), ("!", "?")])
def test_a_text_without_words_shares_nothing(summary: str, reference: str) -> None:
    assert rouge.scores(summary, reference) == rouge.Rouge(0.0, 0.0, 0.0)


def test_only_scores_imports_rouge_score() -> None:
    code = (
        "import sys; from burnish.tasks import ngrams, rouge, sentences;"
        "from burnish.tasks.summary import choosing, oracle;"
        "print(any(name in sys.modules for name in ('rouge_score', 'nltk')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_without_rouge_score_the_extra_is_named(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "rouge_score.rouge_scorer", None)
    monkeypatch.setitem(sys.modules, "rouge_score", None)
    rouge._scorer.cache_clear()
    with pytest.raises(MissingExtraError, match=r"rouge_score.*\n.*burnish\[train\]"):
        rouge.scores("a", "a")
    rouge._scorer.cache_clear()


def document(seed: int, sentences: int, *, words: int = 12, vocabulary: int = 30) -> list[str]:
    rng = random.Random(seed)
    found = [f"w{rng.randrange(vocabulary)}" for _ in range(sentences * words)]
    return [" ".join(found[i : i + rng.randint(0, words)]) for i in range(0, len(found), words)]


def reached(sentences: list[str], places: tuple[int, ...], reference: str) -> float:
    found = rouge.scores("\n".join(sentences[place] for place in places), reference)
    return found.rouge1 + found.rouge2


def slow_oracle(sentences: list[str], reference: str, most: int | None) -> tuple[int, ...]:
    chosen: tuple[int, ...] = ()
    while most is None or len(chosen) < most:
        tried = [
            tuple(sorted((*chosen, place)))
            for place in range(len(sentences))
            if place not in chosen
        ]
        scores = [reached(sentences, each, reference) for each in tried]
        if not scores or max(scores) <= reached(sentences, chosen, reference) + 1e-9:
            break
        best = max(scores)
        chosen = next(t for t, s in zip(tried, scores, strict=True) if s > best - 1e-12)
    return chosen


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("most", [None, 2])
def test_the_greedy_choice_is_that_of_calling_rouge_score(seed: int, most: int | None) -> None:
    sentences = document(seed, 9)
    reference = " ".join(document(seed + 100, 3))
    found = greedy_oracle(sentences, reference, most=most)
    assert found == slow_oracle(sentences, reference, most)


def test_each_sentence_that_a_reference_was_copied_from_is_found() -> None:
    sentences = document(1, 40, vocabulary=500)
    places = (3, 17, 30)
    assert greedy_oracle(sentences, " ".join(sentences[place] for place in places)) == places
    assert len(greedy_oracle(sentences, sentences[3] + sentences[17], most=1)) == 1


def test_of_equal_sentences_the_first_is_chosen() -> None:
    assert greedy_oracle(["x", "a b", "a b", ""], "A b.") == (1,)


def test_nothing_is_chosen_where_nothing_is_shared() -> None:
    assert greedy_oracle(["a b", ""], "c") == ()
    assert greedy_oracle([], "c") == ()
    assert greedy_oracle(["a"], "") == ()


def test_no_choice_of_two_beats_the_best_single_start_by_much() -> None:
    sentences = document(5, 8)
    reference = " ".join(document(6, 2))
    best = max(reached(sentences, pair, reference) for pair in combinations(range(8), 2))
    assert reached(sentences, greedy_oracle(sentences, reference, most=2), reference) > 0.8 * best


def test_a_document_of_500_sentences_takes_a_second_or_so() -> None:
    sentences = document(2, 500, words=50, vocabulary=4000)
    reference = " ".join(document(3, 10, words=50, vocabulary=4000))
    begin = time.process_time()
    assert greedy_oracle(sentences, reference)
    assert time.process_time() - begin < 5
