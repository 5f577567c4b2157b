"""A lexicon by IBM model 1, and the baselines of tasks whose answers are written."""

from __future__ import annotations

import random
import time
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest

from burnish.tasks.abstract.prediction import Abstract
from burnish.tasks.translation.prediction import Translation
from burnish.tasks.written.example import WrittenExample
from burnish.tasks.written.prediction import Writing
from burnish.tasks.written.scores import OverlapScores, RougeScores
from burnish.training.tasks import abstract, translation
from burnish.training.tasks.translation import lexicon
from burnish.training.tasks.translation.lexicon import fit_lexicon

# Koehn's toy corpus (Statistical Machine Translation, 2010, figure 4.4): "buch" is learned although
# it never stands alone.
PAIRS = [("das Haus", "the house"), ("das Buch", "the book"), ("ein Buch", "a book")]


def by_hand(pairs: list[tuple[str, str]], rounds: int) -> dict[tuple[str, str], float]:
    """The book's pseudocode, word by word, with the empty word."""
    chances: dict[tuple[str, str], float] = {}
    split = [(["", *source.split()], target.split()) for source, target in pairs]
    for _ in range(rounds):
        counts: dict[tuple[str, str], float] = {}
        totals: dict[str, float] = {}
        for source, target in split:
            for word in target:
                total = sum(chances.get((each, word), 1.0) for each in source)
                for each in source:
                    share = chances.get((each, word), 1.0) / total
                    counts[each, word] = counts.get((each, word), 0.0) + share
                    totals[each] = totals.get(each, 0.0) + share
        chances = {link: count / totals[link[0]] for link, count in counts.items()}
    return chances


def test_what_stands_together_again_and_again_is_learned() -> None:
    words = fit_lexicon(PAIRS, rounds=20).words
    assert words == {"das": "the", "haus": "house", "buch": "book", "ein": "a"}


@pytest.mark.parametrize("rounds", [1, 2, 5])
def test_the_chances_are_those_of_the_plain_algorithm(
    monkeypatch: pytest.MonkeyPatch, rounds: int
) -> None:
    rng = random.Random(0)
    pairs = [
        (" ".join(rng.choices("abcdef", k=5)), " ".join(rng.choices("uvwxyz", k=4)))
        for _ in range(9)
    ]
    seen: list[Any] = []
    maximized = lexicon._maximized

    def spy(*given: Any, **named: Any) -> Any:
        seen.append(maximized(*given, **named))
        return seen[-1]

    monkeypatch.setattr(lexicon, "_maximized", spy)
    fit_lexicon(pairs, rounds=rounds)
    assert sorted(seen[0]) == pytest.approx(sorted(by_hand(pairs, rounds).values()))


def test_punctuation_capitals_and_unknown_words_stay() -> None:
    found = fit_lexicon(PAIRS, rounds=20)
    translated = found.translate("Das  buch, (ein HAUS)\nvon Kafka!")
    assert translated == "The  book, (a House)\nvon Kafka!"
    assert fit_lexicon([]).translate("as it is") == "as it is"
    assert fit_lexicon([("!", "?")]).translate("as it is") == "as it is"


def test_more_links_than_the_memory_takes_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lexicon, "_MOST_LINKS", 6)
    assert len(fit_lexicon(PAIRS).words) == 2  # of one pair: three words and two
    monkeypatch.setattr(lexicon, "_MOST_LINKS", 5)
    assert fit_lexicon(PAIRS).words == {}


@pytest.mark.slow
def test_two_thousand_pairs_take_seconds() -> None:
    rng = random.Random(1)
    vocabulary = [f"w{n}" for n in range(5000)]
    pairs = [
        (" ".join(rng.choices(vocabulary, k=25)), " ".join(rng.choices(vocabulary, k=25)))
        for _ in range(2000)
    ]
    start = time.perf_counter()
    fit_lexicon(pairs)
    assert time.perf_counter() - start < 30


def rows(pairs: list[tuple[str, str]]) -> Any:
    examples = [
        WrittenExample(id=f"a:{n}", source=source, target=target)
        for n, (source, target) in enumerate(pairs)
    ]
    return SimpleNamespace(examples=examples)


def parts(train: Any, validation: Any, test: Any) -> Any:
    evaluated = {"validation": validation, "test": test}
    return SimpleNamespace(train=train, validation=validation, evaluated=evaluated)


class _Scored:
    unbounded: ClassVar[frozenset[str]] = frozenset()

    def one_label(self, example: Any, prediction: Any) -> None:
        return None


class _Translations(_Scored, OverlapScores):
    main_metric = "chrf"
    unanswered = Translation(writing=Writing("", 0.0), tokens=0, windows=0)


class _Abstracts(_Scored, RougeScores):
    main_metric = "rouge_l"
    unanswered = Abstract(writing=Writing("", 0.0), tokens=0, windows=0)


def test_a_lexicon_beats_copying_where_words_map() -> None:
    given = parts(rows(PAIRS * 3), rows(PAIRS), rows([("ein Haus", "a House")]))
    task: Any = _Translations()
    scores = {name: run(task, given) for name, run in translation.TASK.baselines.items()}
    assert list(scores) == [translation.COPY, translation.LEXICON]
    assert scores[translation.LEXICON]["test"].metrics["chrf"].value == pytest.approx(1.0)
    assert scores[translation.COPY]["test"].metrics["chrf"].value < 0.7
    assert scores[translation.COPY]["test"].rows == 1


def test_as_many_first_sentences_are_taken_as_score_best_on_validation() -> None:
    document = "The roof leaks. The owner knew. He did nothing. Rain is forecast. It is cold."
    given = parts(
        rows([]),
        rows([(document, "The roof leaks. The owner knew.")]),
        rows([("One thing. Two things. Three things.", "One thing. Two things.")]),
    )
    task: Any = _Abstracts()
    (run,) = abstract.TASK.baselines.values()
    found = run(task, given)
    assert found["test"].metrics["rouge_l"].value == pytest.approx(1.0)
