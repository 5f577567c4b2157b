"""The sample data: enough of it, every offset right, and no template multiplied."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

import pytest

from burnish.data import SAMPLES, read_rows, sample_path
from burnish.tasks.classification.example import ClassificationExample
from burnish.tasks.extraction.example import ExtractionExample
from burnish.tasks.qa.example import QAExample

MOST_SHARED = 0.5
TASKS = {
    "tickets": "classification",
    "notices": "extraction",
    "handbook": "qa",
    "decisions": "summary",
}


def words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", text.lower()))


def shared(one: frozenset[str], other: frozenset[str]) -> float:
    """Share of the shorter text's words that the other has too."""
    return len(one & other) / max(1, min(len(one), len(other)))


def too_alike(texts: Iterable[str]) -> list[tuple[float, str, str]]:
    """Pairs that share more than half of their words, the worst first."""
    bags = [(text, words(text)) for text in texts]
    pairs = [
        (share, one, other)
        for i, (one, left) in enumerate(bags)
        for other, right in bags[i + 1 :]
        if (share := shared(left, right)) > MOST_SHARED
    ]
    return sorted(pairs, reverse=True)


def report(groups: Mapping[str, Sequence[str]]) -> list[str]:
    return [
        f"{name}: {share:.2f}: {one!r} / {other!r}"
        for name, texts in groups.items()
        for share, one, other in too_alike(texts)
    ]


def tickets() -> list[ClassificationExample]:
    rows = read_rows(sample_path("tickets"), "classification").examples
    return [row for row in rows if isinstance(row, ClassificationExample)]


def notices() -> list[ExtractionExample]:
    rows = read_rows(sample_path("notices"), "extraction").examples
    return [row for row in rows if isinstance(row, ExtractionExample)]


def handbook() -> list[QAExample]:
    rows = read_rows(sample_path("handbook"), "qa").examples
    return [row for row in rows if isinstance(row, QAExample)]


def test_the_measure_sees_a_template() -> None:
    found = too_alike(["my card was charged twice", "my card was charged often", "no parcel yet"])
    assert [(one, other) for _, one, other in found] == [
        ("my card was charged twice", "my card was charged often")
    ]


def test_no_two_tickets_of_a_label_share_more_than_half_of_their_words() -> None:
    groups: dict[str, list[str]] = defaultdict(list)
    for row in tickets():
        groups[row.labels[0]].append(row.text)
    assert not report(groups)


def test_no_two_notices_share_more_than_half_of_their_words() -> None:
    assert not report({"notices": [row.text for row in notices()]})


def test_no_two_contexts_share_more_than_half_of_their_words() -> None:
    assert not report({"contexts": sorted({row.context for row in handbook()})})


def test_no_two_questions_of_a_kind_share_more_than_half_of_their_words() -> None:
    kinds: dict[str, list[str]] = defaultdict(list)
    for row in handbook():
        kinds["answerable" if row.answers else "unanswerable"].append(row.question)
    assert not report(kinds)


def test_there_are_enough_tickets_of_each_of_six_labels() -> None:
    counts = Counter(row.labels[0] for row in tickets())
    assert sum(counts.values()) >= 450
    assert len(counts) == 6
    assert min(counts.values()) >= 50


def test_there_are_enough_notices_with_four_entity_types() -> None:
    rows = notices()
    counts = Counter(span.label for row in rows for span in row.entities)
    assert len(rows) >= 300
    assert len(counts) == 4
    assert min(counts.values()) >= 50


def test_there_are_enough_questions_and_a_third_has_no_answer() -> None:
    rows = handbook()
    unanswerable = sum(not row.answers for row in rows)
    assert len(rows) >= 240
    assert len({row.context for row in rows}) >= 60
    assert 0.28 <= unanswerable / len(rows) <= 0.38


def test_no_row_stands_twice() -> None:
    for name, task in TASKS.items():
        counts = Counter(row.digest for row in read_rows(sample_path(name), task).examples)
        assert max(counts.values()) == 1


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_is_plain_utf8_that_ends_its_lines(name: str) -> None:
    content = sample_path(name).read_bytes()
    assert content.endswith(b"\n")
    assert b"\r" not in content
    assert not re.search(rb"[\x00-\x08\x0b-\x1f\x7f]", content)
    content.decode("utf-8")
