"""A lexicon of words, learned from pairs of texts: the oldest statistical translation there is.

IBM model 1 (Brown et al. 1993, "The Mathematics of Statistical Machine Translation", section 4):
each word of the target is one of the source's, or of nothing; which one, nobody has said. A few
rounds of expectation maximization find the probability of each target word given a source word.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from burnish.arrays import DoubleArray
from burnish.tasks.ngrams import replace_words, tokens

__all__ = ["Lexicon", "fit_lexicon"]

_NOTHING = 0
"""The place of the empty word, which the target's words without a counterpart come from."""
_MOST_LINKS = 10_000_000
"""Pairs of words that are looked at: 1.2 GB of memory and some 8 seconds."""

_Places = npt.NDArray[np.int64]
_Pair = tuple[_Places, _Places]
"""The words of a source, the empty one first, and of its target, as numbers."""


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The most probable target word of each source word."""

    words: Mapping[str, str]
    """In lower case."""

    def translate(self, text: str) -> str:
        """Replace each word that is known; order, punctuation and other words stay.

        Args:
            text: of the source's language.
        """
        return replace_words(text, self._translate_word)

    def _translate_word(self, word: str) -> str:
        found = self.words.get(word.lower())
        if found is None:
            return word
        return found.capitalize() if word[0].isupper() else found


def fit_lexicon(pairs: Iterable[tuple[str, str]], *, rounds: int = 10, seed: int = 13) -> Lexicon:
    """Learn a lexicon.

    Args:
        pairs: sources with their targets.
        rounds: of expectation maximization.
        seed: of the choice of pairs, where they are too many for the memory.
    """
    sources, targets = _Numbers([""]), _Numbers()
    numbered = [
        (
            np.array([_NOTHING, *map(sources.of, tokens(source))], dtype=np.int64),
            np.array([*map(targets.of, tokens(target))], dtype=np.int64),
        )
        for source, target in pairs
    ]
    chosen = list(_within_memory(numbered, seed=seed))
    if not chosen:
        return Lexicon({})
    links, of_target = _links(chosen, width=len(targets.words))
    known, places = np.unique(links, return_inverse=True)
    source_of, target_of = np.divmod(known, len(targets.words))
    chances = _maximized(places, of_target, source_of, rounds=rounds)
    order = np.lexsort((target_of, -chances, source_of))
    firsts = order[np.unique(source_of[order], return_index=True)[1]]
    return Lexicon(
        {
            sources.words[source_of[place]]: targets.words[target_of[place]]
            for place in firsts
            if source_of[place] != _NOTHING
        }
    )


class _Numbers:
    """Words by number, in the order in which they are first met."""

    def __init__(self, words: Sequence[str] = ()) -> None:
        self.words = list(words)
        self._places = {word: place for place, word in enumerate(words)}

    def of(self, word: str) -> int:
        place = self._places.setdefault(word, len(self.words))
        if place == len(self.words):
            self.words.append(word)
        return place


def _within_memory(pairs: Sequence[_Pair], *, seed: int) -> Iterator[_Pair]:
    """As many pairs, drawn at random, as have ``_MOST_LINKS`` links at most."""
    links = 0
    for place in np.random.default_rng(seed).permutation(len(pairs)):
        source, target = pairs[place]
        links += len(source) * len(target)
        if links > _MOST_LINKS:
            return
        if len(target):
            yield source, target


def _links(pairs: Sequence[_Pair], *, width: int) -> tuple[_Places, _Places]:
    """Each word of a target with each of its source's, as one number, and which word it is."""
    links = [(source[:, None] * width + target).T.ravel() for source, target in pairs]
    lengths = [np.full(len(target), len(source)) for source, target in pairs]
    counts = np.concatenate(lengths)
    return np.concatenate(links), np.repeat(np.arange(len(counts)), counts)


def _maximized(
    places: _Places, of_target: _Places, source_of: _Places, *, rounds: int
) -> DoubleArray:
    """(known links,) the probability of the target word given the source word.

    Args:
        places: (links,) each one's place among the known ones.
        of_target: (links,) the target word's number in the whole text.
        source_of: (known links,) the source word.
        rounds: how often both are computed.
    """
    chances: DoubleArray = np.ones(len(source_of))
    for _ in range(rounds):
        drawn = chances[places]
        shares = drawn / np.bincount(of_target, weights=drawn)[of_target]
        counts = np.bincount(places, weights=shares, minlength=len(source_of))
        chances = counts / np.bincount(source_of, weights=counts)[source_of]
    return chances
