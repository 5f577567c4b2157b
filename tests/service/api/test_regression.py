"""``POST /score``: a number with its interval, for one text and for several."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.service.conftest import assert_envelope
from tests.tiny_onnx import tiny_bundle


@pytest.fixture(scope="module")
def client(start_server, tmp_path_factory):
    folder = tmp_path_factory.mktemp("scores")
    tiny_bundle(folder / "urgency", "regression", name="urgency")
    stars: dict[str, Any] = {"levels": (1.0, 2.0, 5.0), "ordinal": True, "half_width": None}
    tiny_bundle(folder / "stars", "regression", name="stars", **stars)
    running = start_server(folder)
    running.wait_ready()
    with httpx.Client(base_url=running.url) as client:
        yield client


def test_a_text_gets_a_score_with_an_interval(client) -> None:
    reply = client.post("/score", json={"inputs": "my invoice", "model": "urgency"})
    assert reply.status_code == 200
    found = reply.json()
    assert list(found) == ["score", "interval"]
    low, high = found["interval"]
    assert high - low == pytest.approx(2.0)
    assert low < found["score"] < high


def test_several_texts_get_a_list_and_a_named_model_an_object(client) -> None:
    several = client.post("/score", json={"inputs": ["my invoice", "hello"], "model": "urgency"})
    assert [list(each) for each in several.json()] == [["score", "interval"]] * 2
    named = client.post("/models/urgency", json={"inputs": "my invoice"})
    assert named.json() == several.json()[0]


def test_levels_are_in_the_reply_and_an_unknown_interval_is_null(client) -> None:
    found = client.post("/models/stars", json={"inputs": "my invoice"}).json()
    assert found["interval"] is None
    assert found["level"] in (1.0, 2.0, 5.0)


def test_abstention_is_refused_with_the_way(client) -> None:
    body = {"inputs": "my invoice", "parameters": {"abstain": {"score": 0.5}}}
    reply = client.post("/models/urgency", json=body)
    assert_envelope(reply, 422, "validation")
    assert "read the interval" in reply.json()["error"]


def test_openapi_and_metrics_know_scores(client) -> None:
    document = client.get("/openapi.json").json()
    assert "/score" in document["paths"]
    fields = document["components"]["schemas"]["ScoreReply"]["properties"]
    assert list(fields) == ["score", "interval", "level"]
    client.post("/models/urgency", json={"inputs": "my invoice"})
    assert 'label="score"' in client.get("/metrics").text
    listed = {each["name"]: each for each in client.get("/models").json()["models"]}
    assert listed["urgency"]["task"] == "regression"


def test_the_page_has_a_form_for_scores(client) -> None:
    page = client.get("/").text
    assert "TASKS.regression" in page
    assert "function showScore" in page
