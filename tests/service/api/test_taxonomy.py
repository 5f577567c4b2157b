"""``POST /classify`` of labels in a tree: each label with its path."""

from __future__ import annotations

import httpx
import pytest

from tests.service.conftest import assert_envelope
from tests.tiny_onnx import tiny_bundle


@pytest.fixture(scope="module")
def client(start_server, tmp_path_factory):
    folder = tmp_path_factory.mktemp("trees")
    tiny_bundle(folder / "one", "taxonomy", name="one")
    tiny_bundle(folder / "several", "taxonomy", name="several", multi_label=True)
    tiny_bundle(folder / "plain", "classification", name="plain")
    running = start_server(folder)
    running.wait_ready()
    with httpx.Client(base_url=running.url) as client:
        yield client


def test_a_text_gets_the_end_of_its_path_and_other_leaves(client) -> None:
    reply = client.post("/classify", json={"inputs": "my invoice", "model": "one"})
    assert reply.status_code == 200
    found = reply.json()
    assert found[0]["label"] == "billing"
    assert found[0]["path"] == ["service", "billing"]
    assert [each["label"] for each in found[1:]] == ["delivery", "other"]
    assert found == sorted(found, key=lambda each: -each["score"])
    best = {"inputs": "my invoice", "parameters": {"top_k": 1}}
    assert client.post("/models/one", json=best).json() == [found[:1]]


def test_several_branches_are_given_with_what_they_lie_under(client) -> None:
    found = client.post("/models/several", json={"inputs": "invoice invoice invoice"}).json()[0]
    given = {each["label"]: each["path"] for each in found}
    assert all(set(path) <= set(given) for path in given.values())
    every = {"inputs": "my invoice", "parameters": {"threshold": 0}}
    found = client.post("/models/several", json=every).json()[0]
    assert {each["label"] for each in found} == {"other", "service", "billing", "delivery"}


def test_a_model_without_a_tree_has_no_paths(client) -> None:
    found = client.post("/models/plain", json={"inputs": "my invoice"}).json()[0]
    assert list(found[0]) == ["label", "score"]


def test_what_goes_with_labels_alone_is_refused_in_one_shape(client) -> None:
    body = {"inputs": "x", "parameters": {"function_to_apply": "sigmoid"}}
    assert_envelope(client.post("/models/one", json=body), 422, "validation")
    assert_envelope(client.post("/models/one", json={"inputs": 7}), 422, "validation")


def test_openapi_and_the_page_know_trees(client) -> None:
    document = client.get("/openapi.json").json()
    fields = document["components"]["schemas"]["PathReply"]["properties"]
    assert {"label", "score", "path"} <= set(fields)
    listed = {each["name"]: each for each in client.get("/models").json()["models"]}
    assert listed["one"]["task"] == "taxonomy"
    assert "function showPaths" in client.get("/").text
