"""A dictionary of the training entities: the score of pure memorization."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence

from burnish.tasks import ExtractionTask
from burnish.tasks.evaluation import Evaluation, evaluate
from burnish.tasks.extraction.example import ExtractionExample
from burnish.tasks.extraction.prediction import Entity, Extraction

from ...data.splits import EncodedParts

__all__ = ["DICTIONARY", "Dictionary", "score_dictionary"]

DICTIONARY = "dictionary of the training entities"
"""The baseline's name in reports."""

_TOKEN = re.compile(r"\w+|[^\w\s]")
_OFTEN = 0.5
"""The least share of a mention's occurrences in train that are entities."""

Words = tuple[str, ...]


def score_dictionary(task: ExtractionTask, parts: EncodedParts) -> dict[str, Evaluation]:
    """Learn the mentions of train, and find them in every evaluated part."""
    train: Sequence[ExtractionExample] = parts.train.examples
    dictionary = Dictionary(train)
    return {
        name: evaluate(task, rows.examples, [dictionary.extract(e.text) for e in rows.examples])
        for name, rows in parts.evaluated.items()
    }


class Dictionary:
    """Mentions with their most frequent label; the longest match from the left wins."""

    def __init__(self, examples: Sequence[ExtractionExample]) -> None:
        labels: dict[Words, Counter[str]] = defaultdict(Counter)
        for example in examples:
            for span in example.entities:
                labels[_words(example.text[span.start : span.end])][span.label] += 1
        labels.pop((), None)
        self._longest = max(map(len, labels), default=0)
        seen = self._occurrences(examples, labels)
        self._labels = {
            words: found.most_common(1)[0][0]
            for words, found in labels.items()
            if found.total() >= _OFTEN * seen[words]
        }

    def extract(self, text: str) -> Extraction:
        """Find the mentions in a text."""
        entities = [
            Entity(self._labels[words], 1.0, text[start:end], start, end)
            for words, start, end in self._matches(text, self._labels)
        ]
        return Extraction(entities=tuple(entities), tokens=0, windows=1)

    def _occurrences(
        self, examples: Sequence[ExtractionExample], labels: Mapping[Words, object]
    ) -> Counter[Words]:
        return Counter(
            words for example in examples for words, _, _ in self._matches(example.text, labels)
        )

    def _matches(
        self, text: str, known: Mapping[Words, object]
    ) -> Iterator[tuple[Words, int, int]]:
        """Words, start and end of each match."""
        tokens = list(_TOKEN.finditer(text))
        at = 0
        while at < len(tokens):
            for count in range(min(self._longest, len(tokens) - at), 0, -1):
                part = tokens[at : at + count]
                words = tuple(token[0] for token in part)
                if words in known:
                    yield words, part[0].start(), part[-1].end()
                    at += count
                    break
            else:
                at += 1


def _words(text: str) -> Words:
    return tuple(_TOKEN.findall(text))
