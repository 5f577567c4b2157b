"""The sample decisions: key sentences that can be found, and not by their place or wording."""

from __future__ import annotations

import json
import re
from collections import Counter
from functools import cache
from itertools import chain
from statistics import mean
from typing import TypedDict

from burnish.data import sample_path

MOST_BYTES = 400_000
SUBJECTS = {"benefits", "library", "market", "noise", "permits", "school", "tenancy"}
_ABBREVIATION = re.compile(r"(?:\b(?:No|Nos|Sec|pp?|Dr|Ms|Mr|St|Prof|Ltd|\d|[IVX]+))\.$")
_GAP = re.compile(r"\n+|(?<=[.!?])\s+|(?<=[.!?]\")\s+")
_NUMBER = re.compile(r"^(?:\[\d+\] )?(?:\d+\. )?")


class Decision(TypedDict):
    """A line of the file."""

    text: str
    summary: list[str]
    subject: str


@cache
def decisions() -> tuple[Decision, ...]:
    lines = sample_path("decisions").read_text(encoding="utf-8").splitlines()
    return tuple(json.loads(line) for line in lines)


def sentences(text: str) -> list[str]:
    """A simple count: lines end a sentence, and so do full stops but for known abbreviations.

    Numbers of paragraphs and headings, which end without a mark, are left out.
    """
    found: list[str] = []
    start = 0
    for gap in chain(_GAP.finditer(text), [None]):
        end = gap.start() if gap else len(text)
        part = text[start:end]
        following = text[gap.end() : gap.end() + 1] if gap else ""
        inside = gap is not None and "\n" not in gap[0]
        if inside and (_ABBREVIATION.search(part) or following.islower()):
            continue
        found.append(_NUMBER.sub("", part))
        start = gap.end() if gap else end
    return [each for each in found if each.endswith((".", "!", "?", '"', ":", ";"))]


def test_the_simple_count_knows_abbreviations_and_headings() -> None:
    text = '[3] Dr. Amsel came at 9 a.m. on Monday. See p. 7.\n\nI. Facts\n\n1. "Why?" he said. No.'
    assert sentences(text) == [
        "Dr. Amsel came at 9 a.m. on Monday.",
        "See p. 7.",
        '"Why?" he said.',
        "No.",
    ]


def test_there_are_enough_decisions_of_each_subject() -> None:
    counts = Counter(each["subject"] for each in decisions())
    assert len(decisions()) >= 66
    assert set(counts) == SUBJECTS
    assert min(counts.values()) >= 10


def test_the_file_is_small() -> None:
    assert sample_path("decisions").stat().st_size < MOST_BYTES


def test_a_decision_has_twenty_to_sixty_sentences() -> None:
    counts = [len(sentences(each["text"])) for each in decisions()]
    assert min(counts) >= 20
    assert max(counts) <= 60


def test_two_to_four_sentences_are_key_and_each_occurs_once() -> None:
    for each in decisions():
        assert 2 <= len(each["summary"]) <= 4
        found = sentences(each["text"])
        assert [key for key in each["summary"] if found.count(key) != 1] == []
        assert [key for key in each["summary"] if each["text"].count(key) != 1] == []
        assert each["summary"] == sorted(each["summary"], key=each["text"].index)


def share_of_keys(*, first: int | None = None, last: int | None = None) -> float:
    """Mean share of the key sentences among the first or the last ones of a decision."""
    shares = []
    for each in decisions():
        found = sentences(each["text"])
        part = found[:first] if last is None else found[-last:]
        shares.append(len(set(part) & set(each["summary"])) / len(each["summary"]))
    return mean(shares)


def test_key_sentences_are_neither_the_first_nor_the_last() -> None:
    assert share_of_keys(first=3) < 0.25
    assert share_of_keys(last=3) < 0.25


def test_key_sentences_begin_in_many_ways() -> None:
    keys = [key for each in decisions() for key in each["summary"]]
    starts = Counter(tuple(key.split()[:2]) for key in keys)
    assert max(starts.values()) <= len(keys) / 20


def test_few_sentences_are_in_more_than_one_decision() -> None:
    counts = Counter(chain(*(set(sentences(each["text"])) for each in decisions())))
    shared = sum(count for count in counts.values() if count > 1)
    assert shared / counts.total() < 0.15
