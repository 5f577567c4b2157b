"""Tags: the three schemes are told apart, read to the same spans, and checked."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from burnish.data.tags import Scheme, TagError, TokenSpan, detect_scheme, tag_spans

SPANS = [TokenSpan(0, 2, "a"), TokenSpan(2, 3, "a"), TokenSpan(4, 5, "b")]
TAGS = {
    "IOB1": "I-a I-a B-a O I-b",
    "IOB2": "B-a I-a B-a O B-b",
    "BIOES": "B-a E-a S-a O S-b",
}


@pytest.mark.parametrize("scheme", sorted(TAGS))
def test_schemes_are_detected_and_read_to_the_same_spans(scheme: Scheme) -> None:
    tags = TAGS[scheme].split()
    assert detect_scheme([["O"], tags]) == scheme
    assert tag_spans(tags, scheme) == SPANS


def test_bilou_is_read_as_bioes() -> None:
    tags = ["B-a", "L-a", "U-a", "O", "U-b"]
    assert detect_scheme([tags]) == "BIOES"
    assert tag_spans(tags, "BIOES") == SPANS


@pytest.mark.parametrize(
    ("scheme", "tags", "index", "message"),
    [
        ("IOB2", "B-a O I-a", 2, "I-a begins an entity"),
        ("IOB2", "B-a I-b", 1, "I-b begins an entity"),
        ("BIOES", "B-a O", 0, "not closed"),
        ("BIOES", "S-a B-a", 1, "not closed"),
        ("BIOES", "B-a I-b E-b", 0, "not closed"),
        ("BIOES", "O E-a", 1, "follows no B-a"),
        ("IOB2", "O B", 1, "'B' is not a tag"),
        ("IOB2", "X-a", 0, "is not a tag"),
    ],
)
def test_wrong_tags_are_refused_by_place(
    scheme: Scheme, tags: str, index: int, message: str
) -> None:
    with pytest.raises(TagError, match=message) as caught:
        tag_spans(tags.split(), scheme)
    assert caught.value.index == index
    assert caught.value.hint


@st.composite
def _sentences(draw: st.DrawFn) -> tuple[list[TokenSpan], int]:
    lengths = draw(st.lists(st.tuples(st.integers(1, 3), st.sampled_from(["", "a", "b-c"]))))
    spans, start = [], 0
    for length, label in lengths:
        if label:
            spans.append(TokenSpan(start, start + length, label))
        start += length
    return spans, start


def _write(spans: list[TokenSpan], tokens: int, scheme: Scheme) -> list[str]:
    tags, before = ["O"] * tokens, None
    for span in spans:
        follows = before is not None and before.end == span.start and before.label == span.label
        for index in range(span.start, span.end):
            tags[index] = f"I-{span.label}"
        if scheme != "IOB1" or follows:
            tags[span.start] = f"B-{span.label}"
        if scheme == "BIOES":
            tags[span.end - 1] = f"{'S' if span.end - span.start == 1 else 'E'}-{span.label}"
        before = span
    return tags


@given(sentence=_sentences(), scheme=st.sampled_from(["IOB1", "IOB2", "BIOES"]))
def test_what_was_written_in_a_scheme_is_detected_and_read_back(
    sentence: tuple[list[TokenSpan], int], scheme: Scheme
) -> None:
    spans, tokens = sentence
    tags = _write(spans, tokens, scheme)
    assert tag_spans(tags, detect_scheme([tags])) == spans
