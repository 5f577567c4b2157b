"""Every kind of bad input: the right code, the one envelope, no text in it and none in the log."""

import json
import time
from typing import Any

import pytest

from tests.service.api.posting import post
from tests.service.conftest import assert_envelope

CANARY = "xylophone-4711"

MALFORMED = {
    "empty": b"",
    "not json": b'{"inputs": "' + CANARY.encode(),
    "trailing bytes": b'{"inputs": "' + CANARY.encode() + b'"} x',
    "two documents": b'{"inputs": "a"}{"inputs": "b"}',
    "invalid utf-8": b'{"inputs": "' + CANARY.encode() + b'\xff"}',
    "utf-16": json.dumps({"inputs": CANARY}).encode("utf-16"),
    "lone surrogate": b'{"inputs": "' + CANARY.encode() + b'\\ud800"}',
    "lone low surrogate": b'{"inputs": "\\udc00 ' + CANARY.encode() + b'"}',
    "lone surrogate in a key": b'{"inputs": "x", "\\udfff' + CANARY.encode() + b'": 1}',
    "encoded surrogate": b'{"inputs": "\xed\xa0\x80"}',
    "nan": b'{"inputs": "x", "parameters": {"threshold": NaN}}',
    "infinity": b'{"inputs": "x", "parameters": {"threshold": -Infinity}}',
    "duplicate key": b'{"inputs": "a", "inputs": "' + CANARY.encode() + b'"}',
    "deep": b'{"inputs": ' + b"[" * 17 + b"]" * 17 + b"}",
    "very deep": b"[" * 500_000 + b"]" * 500_000,
    "deep and unclosed": b'{"a":' * 150_000,
    "a number of 5,000 digits": b'{"inputs": ' + b"1" * 5_000 + b"}",
    "4,000 numbers of 301 digits": b'{"inputs": [' + b"1" * 301 + b",1" * 4_000 + b"]}",
    "brackets in front of quotes": b"[" * 17 + b'"' * 900_000,
    "a control character in a string": b'{"inputs": "a\nb"}',
}

WRONG: dict[str, object] = {
    "no object": ["x"],
    "a string": "x",
    "nothing": {},
    "null": {"inputs": None},
    "number": {"inputs": 3},
    "object": {"inputs": {"text": CANARY}},
    "empty text": {"inputs": ""},
    "white space": {"inputs": " \n\u2003"},
    "empty list": {"inputs": []},
    "unknown field": {"inputs": CANARY, CANARY: 1},
    "unknown parameter": {"inputs": CANARY, "parameters": {CANARY: 1}},
    "parameters of another task": {"inputs": "x", "parameters": {"aggregation_strategy": "max"}},
    "top_k 0": {"inputs": "x", "parameters": {"top_k": 0}},
    "top_k as text": {"inputs": "x", "parameters": {"top_k": "3"}},
    "top_k true": {"inputs": "x", "parameters": {"top_k": True}},
    "threshold 2": {"inputs": "x", "parameters": {"threshold": 2}},
    "model number": {"inputs": "x", "model": 3},
    "too many": {"inputs": [CANARY] * 257},
    "10,000 inputs": {"inputs": [CANARY] * 10_000},
    "too long": {"inputs": "x" * 1_000_001},
}


@pytest.mark.parametrize("body", MALFORMED.values(), ids=MALFORMED.keys())
def test_what_is_not_one_clean_json_document_is_400(client, body):
    begin = time.monotonic()
    message = assert_envelope(post(client, body), 400, "malformed")
    assert CANARY not in message
    assert time.monotonic() - begin < 2


@pytest.mark.parametrize("body", WRONG.values(), ids=WRONG.keys())
@pytest.mark.parametrize("path", ["/classify", "/models/tiny-classification"])
def test_what_the_route_does_not_take_is_422(client, path, body):
    message = assert_envelope(client.post(path, json=body), 422, "validation")
    assert CANARY not in message


def test_a_number_beyond_all_numbers_is_422(client):
    body = b'{"inputs": "x", "parameters": {"threshold": 1e999}}'
    assert_envelope(post(client, body), 422, "validation")


def test_a_whole_number_may_be_written_with_a_point(client):
    body: dict[str, Any] = {"inputs": "invoice", "parameters": {"top_k": 1.0}}
    assert len(client.post("/classify", json=body).json()) == 1
    body["parameters"]["top_k"] = 1.5
    assert_envelope(client.post("/classify", json=body), 422, "validation")


def test_a_message_says_where(client):
    def message(body) -> str:
        return client.post("/classify", json=body).json()["error"]

    assert message({"inputs": " "}).startswith("inputs: no character of it is visible, send a text")
    assert message({"inputs": ""}) == "inputs: is empty, send at least one character"
    assert message([]) == "body: send an object with the key inputs"
    assert message({}) == "inputs: it is missing"
    assert message({"inputs": 3}) == "inputs: send a text or a list of texts"
    assert message({"inputs": []}) == "inputs: the list is empty, send at least one input"
    assert message({"inputs": ["a"] * 4_000}) == (
        "inputs: at most 256 inputs per request; send several requests"
    )
    assert message({"inputs": ["a"] * 10_000}) == (
        "body: it holds more than 4096 keys and values; send at most 256 inputs per request"
    )
    assert message({f"a{n}": 1 for n in range(100)}) == (
        "body: an object has more than 32 fields; GET /openapi.json tells which are known"
    )
    assert message({"inputs": "x" * 1_000_001}) == "inputs: at most 1000000 characters"
    assert message({"inputs": "x", "model": 3}) == "model: send a text"
    assert message({"inputs": "x", "parameters": 3}) == "parameters: send an object"
    assert message({"inputs": "x", "parameters": {"top_k": True}}) == (
        "parameters.top_k: send a whole number"
    )
    assert message({"inputs": "x", "parameters": {"threshold": 2}}) == (
        "parameters.threshold: at most 1.0"
    )
    assert message({"inputs": "x", "b": 1}) == (
        "body: a field is not known; known: inputs, model, parameters"
    )
    assert message({"inputs": "x", "parameters": {"b": 1}}) == (
        "parameters: a field is not known; known: abstain, function_to_apply, threshold, top_k"
    )
    assert message({"inputs": "x", "parameters": {"top_k": 0}}) == "parameters.top_k: at least 1"
    assert message({"inputs": "x", "parameters": {"function_to_apply": "none"}}) == (
        "parameters.function_to_apply: allowed: 'softmax' or 'sigmoid'"
    )
    assert message({"inputs": "x", "parameters": {"function_to_apply": "sigmoid"}}) == (
        "parameters.function_to_apply: this model has softmax; leave it out"
    )


TOO_LONG = "a" * 1_000_001


@pytest.mark.parametrize("bad", ["", " \n", "\u200b\u200b", None, 5, True, {"a": 1}, ["a"]])
def test_a_bad_text_in_a_list_fails_alone(client, bad):
    alone = client.post("/classify", json={"inputs": "my card"}).json()
    reply = client.post("/classify", json={"inputs": ["my card", bad, "my card"]})
    assert reply.status_code == 200
    first, failed, last = reply.json()
    assert first == last == alone
    assert failed["error_type"] == "validation"
    question = {"question": "how many?", "context": "it was seven days"}
    body = {"inputs": [question, {"question": bad, "context": "x"}]}
    answered, failed = client.post("/answer", json=body).json()
    assert answered["answer"] == "seven"
    assert failed["error_type"] == "validation"


@pytest.mark.parametrize(
    ("path", "bad", "message"),
    [
        ("/classify", 3, "inputs[1]: send a text"),
        ("/extract", None, "inputs[1]: send a text"),
        ("/classify", TOO_LONG, "inputs[1]: at most 1000000 characters"),
        ("/answer", 3, "inputs[1]: send an object with question and context"),
        ("/answer", {"question": "x"}, "inputs[1].context: it is missing"),
        ("/answer", {"question": "x", "context": 5}, "inputs[1].context: send a text"),
        (
            "/answer",
            {"question": "x", "context": "y", CANARY: "z"},
            "inputs[1]: a field is not known; an input has question and context",
        ),
    ],
)
def test_an_item_that_is_no_input_fails_alone_and_says_where(client, path, bad, message):
    good = {"question": "how many?", "context": "seven"} if path == "/answer" else "my card"
    reply = client.post(path, json={"inputs": [good, bad]})
    assert reply.status_code == 200
    assert "error" not in reply.json()[0]
    assert reply.json()[1] == {"error": message, "error_type": "validation"}


def test_a_list_of_wrong_items_alone_is_answered(client):
    reply = client.post("/classify", json={"inputs": [None, 5]})
    assert [item["error_type"] for item in reply.json()] == ["validation"] * 2


def test_a_message_says_where_in_a_question(client):
    def message(inputs) -> str:
        return client.post("/answer", json={"inputs": inputs}).json()["error"]

    assert message("x") == (
        "inputs: send an object with question and context or a list of such objects"
    )
    assert message({"question": 3, "context": "x"}) == "inputs.question: send a text"


@pytest.mark.parametrize(
    "inputs",
    [
        "text",
        {"question": "x"},
        {"question": "", "context": "x"},
        {"question": "x", "context": 1},
        {"question": "x", "context": "x", CANARY: "x"},
    ],
)
def test_a_question_needs_both_its_parts(client, inputs):
    message = assert_envelope(client.post("/answer", json={"inputs": inputs}), 422, "validation")
    assert CANARY not in message


@pytest.mark.parametrize("text", ["\u200b", "\u0000", "\u0007\u2060 \u200b"])
def test_a_text_of_which_nothing_is_visible_is_422(client, text):
    inputs = {
        "/classify": text,
        "/extract": text,
        "/answer": {"question": "who?", "context": text},
    }
    for path, given in inputs.items():
        message = assert_envelope(client.post(path, json={"inputs": given}), 422, "validation")
        assert "no character of it is visible" in message
    good, bad = client.post("/classify", json={"inputs": ["invoice", text]}).json()
    assert good[0]["label"] == "billing"
    assert bad["error_type"] == "validation"
    assert bad["error"].startswith("inputs: the model sees no word in this text")


@pytest.mark.parametrize("name", ["nobody", CANARY])
def test_an_unknown_model_is_404(client, name):
    for reply in (
        client.post(f"/models/{name}", json={"inputs": "x"}),
        client.get(f"/models/{name}"),
        client.post("/classify", json={"inputs": "x", "model": name}),
    ):
        assert CANARY not in assert_envelope(reply, 404, "not_found")


@pytest.mark.slow
def test_a_text_of_a_million_characters_is_answered_whole(client):
    text = ("the week " * 111_111 + " Paris")[-1_000_000:]
    assert len(text) == 1_000_000
    reply = client.post("/extract", json={"inputs": text})
    assert reply.status_code == 200
    assert [e["end"] for e in reply.json()] == [1_000_000]
    assert int(reply.headers["x-burnish-tokens"]) > 222_000


def test_nothing_of_a_request_is_in_the_log(server, client):
    """Runs all of the above once more with a canary in every place, then reads the log."""
    for body in MALFORMED.values():
        post(client, body)
    for document in WRONG.values():
        client.post("/classify", json=document)
    client.post("/classify", json={"inputs": CANARY})
    client.post("/answer", json={"inputs": {"question": CANARY, "context": CANARY}})
    client.get(f"/{CANARY}", params={"q": CANARY}, headers={"X-Request-ID": CANARY})
    client.get("/livez", headers={"User-Agent": CANARY, "Authorization": f"Bearer {CANARY}"})
    client.get("/livez", headers={"Host": CANARY})
    assert CANARY not in server.log.read_text()
    assert CANARY not in client.get("/metrics").text
