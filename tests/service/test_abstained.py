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
    monkeypatch.setattr(hub.constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    hub.utils.reset_sessions()
    for task in ("classification", "extraction", "qa"):
        tiny_bundle(tmp_path / "b" / task, task, abstain_below=2.0)
    running = start_server(tmp_path / "b")
    running.wait_ready()

    def client(task: str):
        return hub.InferenceClient(model=f"{running.url}/models/tiny-{task}", token="none")

    labels = client("classification").text_classification("my invoice")
    entities = client("extraction").token_classification("Anna in Paris")
    answer = client("qa").question_answering(**QUESTION)
    hub.utils.reset_sessions()
    assert labels[0].label == "billing"
    assert labels[0].abstained is True
    assert [e.word for e in entities] == ["Anna", "Paris"]
    assert answer.answer == "seven"
