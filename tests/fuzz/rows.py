"""Right rows: texts of many scripts with labels, entities on whole words, and answers."""

from __future__ import annotations

import random

from burnish.tasks.classification.example import ClassificationExample
from burnish.tasks.examples import Example
from burnish.tasks.extraction.example import ExtractionExample, Span
from burnish.tasks.qa.example import GoldAnswer, QAExample

__all__ = ["right_rows", "tags_of"]

_WORDS = (
    "Ada", "lives", "in", "Köln", "naïve", "😀", "東京", "Žižek", "cafe\u0301", "שלום", "مرحبا",
    "don't", "U.S.", "A&B", "3.5", "—", "“so”", "½", "№", "Łódź", "€5", "10\u00a0km", "Ångström",
    "\ufb01n", "👩\u200d👩\u200d👧", "Tom", "came", "late",
    "ß", "Ünal", "Привет", "x²", "%", "{a}", "[b]", "a/b",
    "it\u2019s", "Õ", "Âge",
)  # fmt: skip
_LABELS = ("PER", "late-parcel", "Büro", "R&D", "東")
_MARKS = ('"quoted" end', "a, b; c", "tab\there", "line\nbreak", "=x", "'s", "back\\slash")


def right_rows(task: str, rng: random.Random, *, plain: bool, several: bool) -> list[Example]:
    """A few rows with which nothing is wrong, each with another text.

    Args:
        task: what they are for.
        rng: draws them.
        plain: their texts are words with one space between, as formats of tokens need.
        several: a row of classification has any number of labels.
    """
    made = {"classification": _classified, "extraction": _tagged, "qa": _asked}[task]
    return [
        made(f"{number}", _text(number, rng, plain=plain), rng, several)
        for number in range(rng.randrange(2, 7))
    ]


def tags_of(row: ExtractionExample) -> tuple[list[str], list[str]]:
    """The words of a plain text, and their IOB2 tags."""
    tokens, tags, at = row.text.split(" "), [], 0
    for token in tokens:
        found = next((span for span in row.entities if span.start <= at < span.end), None)
        prefix = "B" if found and found.start == at else "I"
        tags.append(f"{prefix}-{found.label}" if found else "O")
        at += len(token) + 1
    return tokens, tags


def _text(number: int, rng: random.Random, *, plain: bool) -> str:
    words = [f"Row{number}", *rng.choices(_WORDS, k=rng.randrange(2, 9)), "end"]
    if not plain and rng.random() < 0.3:
        words.insert(rng.randrange(1, len(words)), rng.choice(_MARKS))
    return " ".join(words)


def _classified(name: str, text: str, rng: random.Random, several: bool) -> Example:
    labels = set(rng.choices(_LABELS, k=rng.randrange(4) if several else 1))
    return ClassificationExample(id=name, text=text, labels=tuple(sorted(labels)))


def _tagged(name: str, text: str, rng: random.Random, _: bool) -> Example:
    spans: list[Span] = []
    at = 0
    words = text.split(" ")
    while words:
        count = min(rng.choice((1, 1, 1, 2)), len(words))
        part, words = " ".join(words[:count]), words[count:]
        if (rng.random() < 0.4 or (not spans and not words)) and "\n" not in part:
            spans.append(Span(at, at + len(part), rng.choice(_LABELS)))
        at += len(part) + 1
    return ExtractionExample(id=name, text=text, entities=tuple(spans))


def _asked(name: str, text: str, rng: random.Random, _: bool) -> Example:
    word = rng.choice(text.split(" "))
    answers = (GoldAnswer(word, text.index(word)),) if rng.random() < 0.8 else ()
    return QAExample(id=name, context=text, question=f"Who {name}?", answers=answers)
