"""What a model is not sure enough of is marked in the replies, and counted."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tiny_onnx import tiny_bundle

QUESTION = {"question": "how many?", "context": "it was seven days"}


@pytest.fixture
def unsure(tmp_path: Path, local):
    """An application with one model a task, all with this score to reach."""

    def build(below: float, **settings):
        for task in ("classification", "extraction", "qa"):
            more = settings if task == "classification" else {}
            tiny_bundle(tmp_path / "b" / task, task, abstain_below=below, **more)
        return local(folder=tmp_path / "b")

    return build


def replies(client) -> dict[str, list[dict]]:
    asked = {
        "classify": {"inputs": "my invoice"},
        "extract": {"inputs": "Anna in Paris"},
        "answer": {"inputs": QUESTION, "parameters": {"top_k": 2}},
    }
    return {path: client.post(f"/{path}", json=body).json() for path, body in asked.items()}


def test_everything_below_the_score_is_marked(unsure) -> None:
    for reply in replies(unsure(2.0)).values():
        assert len(reply) >= 2
        assert all(each["abstained"] is True for each in reply)


def test_nothing_is_marked_where_nothing_is_promised(unsure) -> None:
    for reply in replies(unsure(0.0)).values():
        assert not any("abstained" in each for each in reply)


def test_one_label_stands_or_falls_as_a_whole(unsure) -> None:
    client = unsure(0.9)
    sure, not_sure = (
        client.post("/classify", json={"inputs": text}).json() for text in ("invoice", "my it was")
    )
    assert sure[0]["score"] > 0.9 > not_sure[0]["score"]
    assert not any("abstained" in label for label in sure)
    assert all(label["abstained"] for label in not_sure)


def test_of_several_labels_each_that_is_given_stands_for_itself(unsure) -> None:
    thresholds = {"billing": 0.1, "delivery": 0.1, "other": 0.999}
    client = unsure(0.9, multi_label=True, thresholds=thresholds)
    body = {"inputs": "my invoice", "parameters": {"threshold": 0}}
    labels = {each["label"]: each for each in client.post("/classify", json=body).json()}
    assert labels["billing"]["score"] > 0.9
    assert "abstained" not in labels["billing"]
    assert 0.1 < labels["delivery"]["score"] < 0.9
    assert labels["delivery"]["abstained"] is True
    assert "abstained" not in labels["other"]  # it is not given


def test_a_request_asks_for_a_score_of_its_own(unsure) -> None:
    client = unsure(0.9)
    body = {"inputs": "my it was", "parameters": {"abstain": {"score": 0.1}}}
    assert not any("abstained" in label for label in client.post("/classify", json=body).json())
    for path, inputs in (("extract", "Anna in Paris"), ("answer", QUESTION)):
        strict = {"inputs": inputs, "parameters": {"abstain": {"score": 1}}}
        reply = client.post(f"/{path}", json=strict).json()
        assert all(each["abstained"] for each in (reply if isinstance(reply, list) else [reply]))
    plain = client.post("/classify", json={"inputs": "my it was"}).json()
    assert all(label["abstained"] for label in plain)  # the model's own score is as it was
    page = client.get("/metrics").text
    assert 'burnish_abstentions_total{model="tiny-extraction"} 1.0' in page


def test_a_request_rejects_a_share_of_the_rows_out_of_scope(tmp_path: Path, local) -> None:
    tiny_bundle(tmp_path / "b" / "c", scope_scores=(0.1, 0.2, 0.3, 0.9999))
    client = local(folder=tmp_path / "b")
    replies = {}
    for share in (0.5, 0.99):
        body = {"inputs": "my it was", "parameters": {"abstain": {"reject": share}}}
        replies[share] = client.post("/models/tiny-classification", json=body).json()[0]
    assert 0.25 < replies[0.5][0]["score"] < 0.9999
    assert not any("abstained" in label for label in replies[0.5])
    assert all(label["abstained"] for label in replies[0.99])


@pytest.mark.parametrize(
    ("abstain", "message"),
    [
        ({}, "parameters.abstain: abstain is empty; give score or reject"),
        ({"score": 2}, "parameters.abstain.score: at most 1"),
        ({"reject": 1}, "parameters.abstain.reject: less than 1"),
        ({"reject": 0}, "parameters.abstain.reject: more than 0"),
        ({"error": 0.05}, "parameters.abstain: a field is not known; known: reject, score"),
        ({"reject": 0.9}, "parameters.abstain: this model was exported without rows out of scope"),
        (0.7, "parameters.abstain: send an object"),
    ],
)
def test_what_cannot_be_asked_for_is_said(unsure, abstain, message: str) -> None:
    body = {"inputs": "my it was", "parameters": {"abstain": abstain}}
    reply = unsure(0.9).post("/classify", json=body)
    assert reply.status_code == 422
    assert reply.json()["error"].startswith(message)


def test_abstentions_are_counted_and_labels_that_are_marked_are_not(unsure) -> None:
    client = unsure(2.0)
    replies(client)
    page = client.get("/metrics").text
    for task in ("classification", "extraction", "qa"):
        assert f'burnish_abstentions_total{{model="tiny-{task}"}} 1.0' in page
    assert "burnish_labels_total{" not in page


def test_a_model_says_from_which_score_it_is_sure(unsure) -> None:
    client = unsure(0.9)
    assert {m["abstain_below"] for m in client.get("/models").json()["models"]} == {0.9}


def test_the_client_of_the_hub_reads_marked_replies(start_server, tmp_path, monkeypatch) -> None:
    hub = pytest.importorskip("huggingface_hub", reason="the training environment has it")
    constants = pytest.importorskip("huggingface_hub.constants")
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    hub.close_session()
    for task in ("classification", "extraction", "qa"):
        tiny_bundle(tmp_path / "b" / task, task, abstain_below=2.0)
    running = start_server(tmp_path / "b")
    running.wait_ready()

    def client(task: str):
        return hub.InferenceClient(model=f"{running.url}/models/tiny-{task}", token="none")

    labels = client("classification").text_classification("my invoice")
    entities = client("extraction").token_classification("Anna in Paris")
    answer = client("qa").question_answering(**QUESTION)
    hub.close_session()
    assert labels[0].label == "billing"
    assert labels[0].abstained is True
    assert [e.word for e in entities] == ["Anna", "Paris"]
    assert answer.answer == "seven"
