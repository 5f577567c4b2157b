import json
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from burnish.service.api.parsing import parse_request
from burnish.service.api.requests import TaskRequest
from burnish.service.api.tasks.classification import ClassifyRequest
from burnish.service.api.tasks.qa import AnswerRequest
from burnish.service.errors import HTTPError

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
KEYS = st.sampled_from(["inputs", "parameters", "model", "top_k", "threshold", "other"])


def refused(body: bytes, model: type[TaskRequest]) -> HTTPError | None:
    try:
        parse_request(body, lambda _: [model])
    except HTTPError as refusal:
        return refusal
    return None


@settings(max_examples=200, deadline=None)
@given(st.binary() | JSON.map(lambda value: json.dumps(value).encode()))
def test_any_body_is_read_or_refused(body):
    refusal = refused(body, ClassifyRequest)
    assert refusal is None or (refusal.status in (400, 422) and refusal.message.isprintable())


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(KEYS, JSON | st.dictionaries(KEYS, JSON, max_size=4), max_size=4))
def test_near_misses_are_read_or_refused(document):
    for model in (ClassifyRequest, AnswerRequest):
        refusal = refused(json.dumps(document).encode(), model)
        assert refusal is None or refusal.status in (400, 422)


@settings(max_examples=200, deadline=None)
@given(st.text().map(lambda text: f"{text}."))
def test_a_text_arrives_as_it_was_sent_escaped_or_not(text):
    for ascii_only in (True, False):
        body = json.dumps({"inputs": text}, ensure_ascii=ascii_only)
        assert parse_request(body.encode(), lambda _: [ClassifyRequest]).inputs == text


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 1_000_000,
        b"[]" * 500_000,
        b'"' + b'\\"' * 500_000,
        b'"",' * 333_333,
        b'{"inputs":[' + b'"",' * 300_000,
        b'{"a":' * 200_000,
        b"[" * 17 + b'"' * 900_000,
        b'{"inputs":[' + b"1" * 4_000 + b",1" * 240 + b"]}",
    ],
)
def test_a_hostile_body_is_refused_at_once(body):
    begin = time.monotonic()
    with pytest.raises(HTTPError):
        parse_request(body, lambda _: [ClassifyRequest])
    assert time.monotonic() - begin < 1


def test_a_whole_number_has_at_most_300_digits():
    with pytest.raises(HTTPError, match="more than 300 digits"):
        parse_request(b'{"inputs": ' + b"1" * 301 + b"}", lambda _: [ClassifyRequest])
    with pytest.raises(HTTPError, match="send a text"):
        parse_request(b'{"inputs": ' + b"1" * 300 + b"}", lambda _: [ClassifyRequest])


@pytest.mark.parametrize("text", ['[{"' * 1000, '[\\"[' * 100, "]" * 100, '"' * 99])
def test_brackets_in_a_text_are_no_depth(text):
    body = json.dumps({"inputs": text}).encode()
    assert parse_request(body, lambda _: [ClassifyRequest]).inputs == text
