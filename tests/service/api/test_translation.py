"""``POST /translate``: texts that a model writes, and what a request may ask of them."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from huggingface_hub import InferenceClient, constants

from burnish.runtime import writing
from tests.service.conftest import assert_envelope
from tests.tiny_onnx import tiny_bundle

TEXT = "My invoice is in.\nhello courier"
WRITTEN = "my card is in.\nhello parcel"


@pytest.fixture(scope="module")
def client(start_server, tmp_path_factory):
    folder = tmp_path_factory.mktemp("translations")
    tiny_bundle(folder / "en-fr", "translation", name="en-fr", languages=("en", "fr"), probes=True)
    tiny_bundle(folder / "labels", name="labels")
    running = start_server(folder)
    running.wait_ready()
    with httpx.Client(base_url=running.url, timeout=60) as client:
        yield client


def translate(client, inputs, **parameters):
    return client.post("/translate", json={"inputs": inputs, "parameters": parameters})


def test_the_reply_is_the_translation(client) -> None:
    reply = translate(client, TEXT)
    assert reply.status_code == 200
    (found,) = reply.json()
    assert list(found) == ["translation_text", "score"]
    assert found["translation_text"] == WRITTEN
    assert 0.9 < found["score"] < 1
    assert reply.headers["X-Burnish-Tokens"] == "7"
    assert reply.headers["X-Burnish-Windows"] == "2"


def test_several_texts_are_translated_one_by_one(client) -> None:
    alone = client.post("/models/en-fr", json={"inputs": TEXT}).json()
    several = translate(client, [TEXT, "my card", ""]).json()
    assert several[0] == alone
    assert several[1][0]["translation_text"] == "my invoice"
    assert several[2]["error_type"] == "validation"


def test_sixteen_callers_get_what_one_gets(client) -> None:
    texts = [f"{TEXT} " + "the week " * n for n in range(12)]
    alone = [translate(client, text).json() for text in texts]
    with ThreadPoolExecutor(16) as callers:
        assert list(callers.map(lambda text: translate(client, text).json(), texts)) == alone


def test_the_hubs_client_reads_it(client, monkeypatch) -> None:
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    hub = InferenceClient(str(client.base_url.join("/models/en-fr")), token="none")
    assert hub.translation(TEXT).translation_text == WRITTEN
    found = hub.translation(
        "my card", src_lang="en", tgt_lang="fr", generate_parameters={"num_beams": 4}
    )
    assert found.translation_text == "my invoice"


def test_a_request_may_ask_for_beams_and_fewer_tokens(client) -> None:
    for parameters in ({"beams": 4}, {"beams": 32.0}, {"generate_parameters": {"num_beams": 2}}):
        assert translate(client, TEXT, **parameters).json()[0]["translation_text"] == WRITTEN
    for parameters in ({"max_length": 3}, {"generate_parameters": {"max_new_tokens": 3}}):
        (found,) = translate(client, "the week is in", **parameters).json()
        assert found["translation_text"] == "the week is"
        assert found["ended"] is False
    (whole,) = translate(client, "the week is in", max_length=4096).json()
    assert "ended" not in whole
    (unsure,) = translate(client, TEXT, abstain={"score": 1.0}).json()
    assert unsure["abstained"] is True


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"beams": 0}, "parameters.beams: at least 1"),
        ({"beams": 1000}, "parameters.beams: at most 32"),
        ({"beams": 1.5}, "parameters.beams: send a whole number"),
        ({"beams": "4"}, "parameters.beams: send a whole number"),
        ({"beams": True}, "parameters.beams: send a whole number"),
        ({"max_length": 0}, "parameters.max_length: at least 1"),
        ({"max_length": 10**9}, "parameters.max_length: at most 4096"),
        ({"generate_parameters": {"num_beams": 33}}, "num_beams: at most 32"),
        ({"generate_parameters": {"top_k": 5}}, "known: do_sample, max_new_tokens, num_beams"),
        ({"generate_parameters": {"do_sample": True}}, "do_sample: allowed: False"),
        ({"num_beams": 2}, "parameters: a field is not known; known: abstain, beams"),
        ({"abstain": {"top": 1}}, "known: reject, score"),
        ({"src_lang": "de", "tgt_lang": "fr"}, "parameters.src_lang: this model knows 'en' alone"),
        ({"src_lang": "en", "tgt_lang": "sw"}, "parameters.tgt_lang: this model knows 'fr' alone"),
    ],
)
def test_other_settings_are_refused_with_what_is_allowed(client, parameters, message) -> None:
    reply = translate(client, TEXT, **parameters)
    assert message in assert_envelope(reply, 422, "validation")


@pytest.mark.parametrize("text", ["", " \n", "\u200b"])
def test_a_text_that_shows_nothing_is_refused(client, text) -> None:
    assert_envelope(translate(client, text), 422, "validation")


def test_half_a_surrogate_pair_is_refused(client) -> None:
    body = b'{"inputs": "my \\ud800 card"}'
    reply = client.post("/translate", content=body, headers={"Content-Type": "application/json"})
    assert "surrogate" in assert_envelope(reply, 400, "malformed")


def test_a_million_characters_hold_up_nobody(client) -> None:
    line = "the week " * 14 + "\n"
    text = line * (1_000_000 // len(line))
    begin = time.monotonic()
    with ThreadPoolExecutor(1) as other:
        headers = {"X-Burnish-Deadline-Ms": "20000"}
        body = {"inputs": text, "parameters": {"beams": 32}}
        huge = other.submit(client.post, "/translate", json=body, headers=headers)
        while not huge.done():
            reply = client.post("/classify", json={"inputs": "my card"})
            assert reply.json()[0]["label"] == "billing"
    assert_envelope(huge.result(), 504, "deadline")
    assert time.monotonic() - begin < 60
    assert translate(client, "my card").json()[0]["translation_text"] == "my invoice"


def test_a_deadline_ends_a_translation(client) -> None:
    reply = client.post(
        "/translate",
        json={"inputs": ["the week " * 400] * 8, "parameters": {"beams": 32}},
        headers={"X-Burnish-Deadline-Ms": "300"},
    )
    assert_envelope(reply, 504, "deadline")


def test_even_a_short_text_is_refused_where_its_cache_has_no_room(
    local, tmp_path, monkeypatch
) -> None:
    tiny_bundle(tmp_path / "b" / "m", "translation")
    here = local(folder=tmp_path / "b")
    assert translate(here, TEXT).status_code == 200
    with monkeypatch.context() as patched:
        patched.setattr(writing, "_NUMBER_BYTES", 2**40)
        assert "of memory" in assert_envelope(translate(here, TEXT), 413, "too_large")
    assert translate(here, TEXT).status_code == 200


def test_openapi_page_and_metrics_know_translations(client) -> None:
    document = client.get("/openapi.json").json()
    assert "/translate" in document["paths"]
    assert "TASKS.translation" in client.get("/").text
    translate(client, TEXT)
    assert 'label="translation"' in client.get("/metrics").text
    (model,) = [e for e in client.get("/models").json()["models"] if e["name"] == "en-fr"]
    assert (model["task"], model["labels"]) == ("translation", [])
