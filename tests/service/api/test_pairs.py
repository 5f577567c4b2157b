"""Two tasks on one path: a text goes to the classifier, two texts to the model of pairs."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from burnish.service.api.openapi import openapi_document
from burnish.service.api.parsing import parse_request
from burnish.service.api.requests import TaskRequest
from burnish.service.api.tasks.classification import ClassifyRequest
from burnish.service.api.tasks.pairs import PairRequest
from tests.service.conftest import assert_envelope
from tests.tiny_onnx import tiny_bundle

PAIR = {"text": "my invoice", "text_pair": "the card"}


@pytest.fixture(scope="module")
def both(start_server, tmp_path_factory):
    folder = tmp_path_factory.mktemp("both")
    tiny_bundle(folder / "texts", "classification", name="texts")
    tiny_bundle(folder / "claims", "pairs", name="claims")
    running = start_server(folder)
    running.wait_ready()
    with httpx.Client(base_url=running.url) as client:
        yield client


@pytest.fixture(scope="module")
def alone(start_server, tmp_path_factory):
    path = tiny_bundle(tmp_path_factory.mktemp("alone") / "claims", "pairs", name="claims")
    running = start_server(path)
    running.wait_ready()
    with httpx.Client(base_url=running.url) as client:
        yield client


def ask(client: httpx.Client, inputs: Any, path: str = "/classify", **more: Any) -> httpx.Response:
    return client.post(path, json={"inputs": inputs, **more})


def digests(client: httpx.Client) -> dict[str, str]:
    return {each["name"]: each["digest"] for each in client.get("/models").json()["models"]}


def test_each_form_is_answered_by_its_own_model(both) -> None:
    known = digests(both)
    for inputs, name in [
        ("my invoice", "texts"),
        (["my invoice", "hello"], "texts"),
        (PAIR, "claims"),
        ([PAIR, PAIR], "claims"),
    ]:
        reply = ask(both, inputs)
        assert reply.status_code == 200
        assert reply.headers["X-Burnish-Model"] == known[name]
    assert ask(both, PAIR).json()[0]["label"] == "billing"
    assert ask(both, PAIR).headers["X-Burnish-Tokens"] == "4"


def test_a_wrong_pair_of_a_list_fails_alone(both) -> None:
    reply = ask(both, [PAIR, {"text": "my invoice"}, {**PAIR, "text_pair": " "}]).json()
    assert reply[0][0]["label"] == "billing"
    assert reply[1]["error"] == "inputs[1].text_pair: it is missing"
    assert "second text is empty" in reply[2]["error"]


@pytest.mark.parametrize(
    ("inputs", "model", "error"),
    [
        (
            "my invoice",
            "claims",
            "inputs: send an object with text and text_pair or a",
        ),
        (PAIR, "texts", "inputs: send a text or a list of texts"),
        ({"text": "a"}, None, "inputs.text_pair: it is missing"),
        ({**PAIR, "third": "a"}, None, "inputs: a field is not known; an input has text and text"),
        (3, None, "inputs: send a text or a list of texts"),
        ("my invoice", 3, "model: send a text"),
        (PAIR, 3, "model: send a text"),
    ],
)
def test_an_error_speaks_of_the_form_that_came_nearest(both, inputs, model, error) -> None:
    reply = ask(both, inputs, **({} if model is None else {"model": model}))
    assert_envelope(reply, 422, "validation")
    assert reply.json()["error"].startswith(error)


def test_where_only_pairs_are_loaded_the_route_asks_for_pairs(alone) -> None:
    assert ask(alone, PAIR).status_code == 200
    assert ask(alone, "text").json()["error"].startswith("inputs: send an object with text and")
    (labels,) = ask(alone, PAIR, path="/models/claims").json()
    assert labels[0]["label"] == "billing"


def test_the_document_of_a_server_says_what_its_models_take(alone, both) -> None:
    def bodies(client: httpx.Client) -> str:
        post = client.get("/openapi.json").json()["paths"]["/classify"]["post"]
        return json.dumps(post["requestBody"])

    assert "PairRequest" in bodies(alone)
    assert "ClassifyRequest" not in bodies(alone)
    assert "ClassifyRequest" in bodies(both)
    assert "PairRequest" in bodies(both)
    everything = openapi_document(keyed=False)["paths"]["/classify"]["post"]
    assert "PairRequest" in json.dumps(everything["requestBody"])


def test_a_body_is_the_request_with_the_fewest_wrong_inputs() -> None:
    body = json.dumps({"inputs": [PAIR, {"text": "a"}]}).encode()
    asked = parse_request(body, lambda _: [ClassifyRequest, PairRequest])
    assert isinstance(asked, PairRequest)


def test_the_model_that_a_body_names_says_what_it_may_be() -> None:
    kinds: dict[str, type[TaskRequest]] = {"one": ClassifyRequest, "two": PairRequest}
    body = json.dumps({"inputs": PAIR, "model": "two"}).encode()
    assert isinstance(parse_request(body, lambda name: [kinds[str(name)]]), PairRequest)
