"""``POST /summarize``: a document's own sentences, at the length that is asked for."""

from __future__ import annotations

import httpx
import pytest
from huggingface_hub import InferenceClient, constants

from tests.service.conftest import assert_envelope
from tests.tiny_onnx import tiny_bundle

TEXT = "The courier was not in. My invoice is here. It was the week of my days. My parcel is in."


@pytest.fixture(scope="module")
def client(start_server, tmp_path_factory):
    folder = tmp_path_factory.mktemp("summaries")
    tiny_bundle(folder / "short", "summary", name="short")
    running = start_server(folder)
    running.wait_ready()
    with httpx.Client(base_url=running.url) as client:
        yield client


def test_the_reply_is_the_documents_own_sentences(client) -> None:
    reply = client.post("/summarize", json={"inputs": TEXT})
    assert reply.status_code == 200
    ((summary),) = reply.json()
    assert list(summary) == ["summary_text", "sentences"]
    (sentence,) = summary["sentences"]
    assert TEXT[sentence["start"] : sentence["end"]] == summary["summary_text"]
    assert 0 < sentence["score"] < 1


def test_a_request_may_ask_for_another_length(client) -> None:
    for parameters, count in (({"sentences": 3}, 3), ({"words": 9}, 2), ({"ratio": 1.0}, 4)):
        body = {"inputs": TEXT, "parameters": parameters}
        (summary,) = client.post("/summarize", json=body).json()
        places = [each["start"] for each in summary["sentences"]]
        assert len(places) == count, parameters
        assert places == sorted(places)
        texts = [TEXT[each["start"] : each["end"]] for each in summary["sentences"]]
        assert summary["summary_text"] == " ".join(texts)


def test_several_documents_are_answered_one_by_one(client) -> None:
    several = client.post("/summarize", json={"inputs": [TEXT, "My parcel is here."]}).json()
    alone = client.post("/models/short", json={"inputs": TEXT}).json()
    assert several[0] == alone
    assert several[1][0]["summary_text"] == "My parcel is here."


def test_the_hubs_client_reads_it(client, monkeypatch) -> None:
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    hub = InferenceClient(str(client.base_url.join("/models/short")), token="none")
    found = hub.summarization(TEXT)
    assert found.summary_text in TEXT


@pytest.mark.parametrize(
    "parameters",
    [{"sentences": 2, "words": 5}, {"sentences": 0}, {"ratio": 1.5}, {"words": 1.5}, {"top_k": 2}],
)
def test_another_length_is_refused(client, parameters) -> None:
    reply = client.post("/summarize", json={"inputs": TEXT, "parameters": parameters})
    assert_envelope(reply, 422, "validation")


def test_openapi_page_and_metrics_know_summaries(client) -> None:
    document = client.get("/openapi.json").json()
    assert "/summarize" in document["paths"]
    assert "TASKS.summary" in client.get("/").text
    client.post("/summarize", json={"inputs": TEXT})
    assert 'label="key sentence"' in client.get("/metrics").text
