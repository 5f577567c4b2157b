"""Label Studio as a client: its requests are answered as its own backends answer them."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from burnish.data.writers.utf16 import utf16_offsets
from burnish.service.api.openapi import openapi_document
from burnish.service.routes import LABEL_STUDIO_ROUTES
from tests.service.callers import bearer, make, records
from tests.service.conftest import assert_envelope
from tests.service.label_studio.forms import (
    CHOICES,
    NUMBER,
    QUESTION,
    RATING,
    SPANS,
    WRITTEN,
    choices,
    predict,
    setup,
    task,
)
from tests.tiny_onnx import TaskName, tiny_bundle

TEXT = "the 😊 card of Cafe\u0301 my invoice\r\nin the card"
"""A character of two UTF-16 units, a combining mark, and a line end of two characters."""


@pytest.fixture
def studio(local: Callable[..., TestClient]) -> TestClient:
    return local(label_studio=True)


def served(
    local: Callable[..., TestClient], folder: Path, *tasks: TaskName, **settings: Any
) -> Any:
    for name in tasks:
        tiny_bundle(folder / name, name, name=name, **settings)
    return local(folder=folder, label_studio=True)


def post(client: TestClient, path: str, body: object, **more: Any) -> Any:
    return client.post(path, json=body, **more)


def basic(key: str, user: str = "studio") -> dict[str, str]:
    return {"Authorization": "Basic " + b64encode(f"{user}:{key}".encode()).decode("ascii")}


def test_without_the_switch_there_are_no_such_routes(local) -> None:
    client = local()
    for route in LABEL_STUDIO_ROUTES:
        assert_envelope(client.request(route.methods[0], route.template), 404, "not_found")
    assert "/setup" not in client.get("/openapi.json").json()["paths"]


def test_a_project_is_connected(studio) -> None:
    health = studio.get("/health")
    assert (health.status_code, health.json()["status"]) == (200, "UP")
    version = post(studio, "/setup", setup(CHOICES)).json()["model_version"]
    assert version.startswith("tiny-classification")
    assert version in post(studio, "/versions", {"project": "7.17"}).json()["versions"]
    assert studio.get("/versions").json()["versions"] == sorted(
        post(studio, "/versions", {}).json()["versions"]
    )


def test_choices_are_answered_under_the_names_of_the_project(studio) -> None:
    reply = post(studio, "/predict", predict(CHOICES, {"text": "my invoice"}, {"text": "hello"}))
    answered = reply.json()
    first, second = answered["results"]
    (mark,) = first["result"]
    assert (mark["from_name"], mark["to_name"], mark["type"]) == ("team", "body", "choices")
    (best,) = studio.post(
        "/classify",
        json={"inputs": "my invoice", "model": "tiny-classification", "parameters": {"top_k": 1}},
    ).json()
    assert mark["value"] == {"choices": [best["label"]]}
    assert first["score"] == best["score"]
    assert second["model_version"] == answered["model_version"]
    assert reply.headers["X-Burnish-Tokens"] == "3"


def test_spans_count_as_a_browser_does(studio) -> None:
    (answer,) = post(studio, "/predict", predict(SPANS, {"text": TEXT})).json()["results"]
    found = studio.post("/extract", json={"inputs": TEXT}).json()
    at = utf16_offsets(TEXT)
    names = {"place": "place", "person": "PER"}
    assert [mark["value"] for mark in answer["result"]] == [
        {
            "start": at[each["start"]],
            "end": at[each["end"]],
            "text": each["word"],
            "labels": [names[each["entity_group"]]],
        }
        for each in found
    ]
    units = TEXT.encode("utf-16-le")
    for mark in answer["result"]:
        start, end, text, _ = mark["value"].values()
        assert units[2 * start : 2 * end].decode("utf-16-le") == text
    assert any(mark["value"]["start"] > TEXT.index("card") for mark in answer["result"])
    assert answer["score"] == min(each["score"] for each in found)
    assert all(mark["type"] == "labels" and mark["to_name"] == "doc" for mark in answer["result"])


def test_a_question_is_answered_by_a_marked_passage(studio) -> None:
    data = {"question": "the invoice", "text": TEXT}
    (answer,) = post(studio, "/predict", predict(QUESTION, data)).json()["results"]
    asked = {"question": data["question"], "context": TEXT}
    best = studio.post("/answer", json={"inputs": asked}).json()
    if not best["answer"]:
        assert answer["result"] == []
        return
    (mark,) = answer["result"]
    assert mark["value"]["text"] == best["answer"]
    assert mark["value"]["labels"] == ["Answer"]
    assert (mark["from_name"], mark["to_name"]) == ("answer", "passage")


@pytest.mark.parametrize(
    ("config", "value"),
    [
        (NUMBER, {"number": 2.0}),
        (RATING.format(5), {"rating": 2}),
        (RATING.format(1), {"rating": 1}),
    ],
)
def test_scores_are_a_number_or_stars(local, tmp_path, config, value) -> None:
    client = served(local, tmp_path, "regression", ordinal=True, levels=(2.0,), center=2.0)
    (answer,) = post(client, "/predict", predict(config, {"text": "my card"})).json()["results"]
    assert answer["result"][0]["value"] == value
    assert "score" not in answer


def test_a_score_beyond_the_stars_is_refused(local, tmp_path) -> None:
    client = served(local, tmp_path, "regression", center=60.0)
    reply = post(client, "/predict", predict(RATING.format(5), {"text": "my card"}))
    assert "outside the Rating's 5 stars" in assert_envelope(reply, 422, "validation")


def test_a_translation_is_offered_in_a_text_area(local, tmp_path) -> None:
    client = served(local, tmp_path, "translation")
    (answer,) = post(client, "/predict", predict(WRITTEN, {"text": "my card"})).json()["results"]
    (mark,) = answer["result"]
    assert mark["value"] == {"text": ["my invoice"]}
    assert (mark["from_name"], mark["to_name"], mark["type"]) == ("translation", "t", "textarea")
    assert 0.9 < answer["score"] < 1
    reply = post(client, "/setup", setup(NUMBER))
    assert "<TextArea" in assert_envelope(reply, 422, "validation")


def test_answers_that_no_control_can_show_fit_no_project(local, tmp_path) -> None:
    client = served(local, tmp_path, "summary")
    reply = post(client, "/setup", setup(NUMBER))
    assert "task summary are not offered" in assert_envelope(reply, 422, "validation")


def test_pairs_are_two_texts_of_the_project(local, tmp_path) -> None:
    client = served(local, tmp_path, "pairs")
    config = CHOICES.replace("<Choices", '<Text name="claim" value="$claim"/><Choices')
    data = {"text": "my invoice", "claim": "the card"}
    (answer,) = post(client, "/predict", predict(config, data)).json()["results"]
    pair = {"text": data["text"], "text_pair": data["claim"]}
    best = client.post("/classify", json={"inputs": pair}).json()[0]
    assert answer["result"][0]["value"] == {"choices": [best["label"]]}
    assert "reads 2 texts" in assert_envelope(
        post(client, "/predict", predict(CHOICES, data)), 422, "validation"
    )


def test_several_labels_need_a_control_of_several(local, tmp_path) -> None:
    client = served(
        local,
        tmp_path,
        "classification",
        multi_label=True,
        thresholds=dict.fromkeys(("billing", "delivery", "other"), 0.01),
    )
    assert 'choice="multiple"' in assert_envelope(
        post(client, "/setup", setup(CHOICES)), 422, "validation"
    )
    config = choices(["billing", "delivery", "other"], ' choice="multiple"')
    (answer,) = post(client, "/predict", predict(config, {"text": "card"})).json()["results"]
    assert set(answer["result"][0]["value"]["choices"]) == {"billing", "delivery", "other"}


def test_a_task_without_a_text_fails_alone(studio) -> None:
    good, bad = {"text": "card"}, [{"body": "card"}, {"text": 3}, "card", {"text": " "}]
    answers = post(studio, "/predict", predict(CHOICES, *bad, good)).json()["results"]
    assert [bool(each["result"]) for each in answers] == [False, False, False, False, True]
    assert answers[0]["error"].startswith("tasks[0].data: it has no value under the key")
    assert answers[1]["error"].startswith("tasks[1].data: the value")
    assert all(each["error_type"] == "validation" for each in answers[:4])
    for each in bad:
        assert_envelope(post(studio, "/predict", predict(CHOICES, each)), 422, "validation")


def test_missing_labels_are_named(studio) -> None:
    reply = post(studio, "/setup", setup(choices(["billing", "spam"])))
    message = assert_envelope(reply, 422, "validation")
    assert message.startswith("label_config: it lacks labels that the model gives: 'delivery', 'o")
    assert "spam" not in message
    from_data = choices([], ' value="$teams"')
    assert post(studio, "/setup", setup(from_data)).status_code == 200


def test_what_fits_nothing_says_what_each_model_needs(studio) -> None:
    message = assert_envelope(post(studio, "/setup", setup("<View/>")), 422, "validation")
    for tag in ("Choices", "Labels"):
        assert f"<{tag} name=" in message


def test_several_models_that_fit_are_named_and_a_key_chooses(local, tmp_path, keys) -> None:
    for name in ("first", "second"):
        tiny_bundle(tmp_path / "b" / name, "classification", name=name)
    all_of_them, one = bearer(make(keys)), bearer(make(keys, models=["second"]))
    client = local(folder=tmp_path / "b", label_studio=True, keys=keys)
    reply = post(client, "/setup", setup(CHOICES), headers=all_of_them)
    assert "first, second" in assert_envelope(reply, 422, "validation")
    reply = post(client, "/setup", setup(CHOICES), headers=one)
    assert reply.json()["model_version"].startswith("second")


def test_keys_hold_and_may_be_a_password(local, keys, tmp_path) -> None:
    log = tmp_path / "audit.jsonl"
    key = make(keys)
    client = local(label_studio=True, keys=keys, audit=log)
    for path in ("/health", "/predict", "/webhook"):
        method = "GET" if path == "/health" else "POST"
        assert_envelope(client.request(method, path, json=None), 401, "unauthorized")
    reply = client.get("/health", headers=basic(key + "x"))
    assert "password of basic" in assert_envelope(reply, 401, "unauthorized")
    assert "www-authenticate" in reply.headers
    assert client.get("/health", headers=basic(key)).status_code == 200
    secret = predict(CHOICES, {"text": "my secretword invoice"})
    assert post(client, "/predict", secret, headers=basic(key, "a")).status_code == 200
    assert post(client, "/setup", setup(CHOICES), headers=bearer(key)).status_code == 200
    lines = records(log)
    assert [each["route"] for each in lines][-3:] == ["/health", "/predict", "/setup"]
    assert (lines[-2]["items"], lines[-2]["status"]) == (1, 200)
    told = log.read_text()
    assert "secretword" not in told
    assert "a-token-of-the-user" not in told


def test_without_the_switch_a_password_is_no_key(local, keys) -> None:
    key = make(keys)
    client = local(keys=keys)
    assert_envelope(client.get("/models", headers=basic(key)), 401, "unauthorized")


def test_events_are_not_kept_and_nothing_is_trained(studio) -> None:
    event = {"action": "ANNOTATION_CREATED", "annotation": {"result": []}, "project": {"id": 7}}
    assert post(studio, "/webhook", event).status_code == 200
    for path, body in [("/webhook", {"action": "START_TRAINING"}), ("/train", {})]:
        assert "burnish train" in assert_envelope(post(studio, path, body), 501, "not_implemented")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "tasks: send a list"),
        ({"tasks": {}, "label_config": CHOICES}, "tasks: send a list"),
        ({"tasks": [], "label_config": CHOICES}, "tasks: the list is empty"),
        ({"tasks": [task({"text": "a"})]}, "label_config: it is missing"),
        ({"tasks": [task({"text": "a"})], "label_config": 3}, "label_config: send"),
        ({"tasks": [{"data": {}}] * 257, "label_config": CHOICES}, "tasks: at most 256"),
        ([], "body: send an object"),
    ],
)
def test_a_wrong_request_is_explained(studio, body, message) -> None:
    assert assert_envelope(post(studio, "/predict", body), 422, "validation").startswith(message)


def test_many_tasks_with_all_their_fields_are_few_enough(studio) -> None:
    wide = {"text": "card", **{f"column {number}": "x" for number in range(60)}}
    body = predict(CHOICES, *[wide] * 200)
    assert len(json.dumps(body).encode()) < 2**20
    reply = post(studio, "/predict", body)
    assert len(reply.json()["results"]) == 200


def test_the_document_describes_the_routes() -> None:
    document = openapi_document(keyed=True, label_studio=True)
    for route in LABEL_STUDIO_ROUTES:
        methods = {method.lower() for method in route.methods} - {"head"}
        assert document["paths"][route.template].keys() == methods
    names = [each["operationId"] for path in document["paths"].values() for each in path.values()]
    assert len(set(names)) == len(names)
