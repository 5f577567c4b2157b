"""``huggingface_hub.InferenceClient``, unchanged, pointed at a model's URL."""

import pytest

hub = pytest.importorskip("huggingface_hub", reason="the training environment has it")
constants = pytest.importorskip("huggingface_hub.constants")
utils = pytest.importorskip("huggingface_hub.utils")


def client_of(server, name: str):
    return hub.InferenceClient(model=f"{server.url}/models/{name}", token="not-asked-for")


@pytest.fixture(autouse=True)
def loopback_alone(monkeypatch):
    """Let the client reach this machine, whatever the environment says of hub and proxies."""
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    utils.reset_sessions()
    yield
    utils.reset_sessions()


def test_text_classification(server):
    labels = client_of(server, "tiny-classification").text_classification(
        "my invoice", top_k=2, function_to_apply="softmax"
    )
    assert labels[0].label == "billing"
    assert len(labels) == 2
    assert labels[0].score > labels[1].score


def test_token_classification(server):
    entities = client_of(server, "tiny-extraction").token_classification(
        "Anna in Paris", aggregation_strategy="simple"
    )
    found = [(e.entity_group, e.word, e.start, e.end) for e in entities]
    assert found == [("person", "Anna", 0, 4), ("place", "Paris", 8, 13)]


def test_question_answering(server):
    client = client_of(server, "tiny-qa")
    answer = client.question_answering(question="how many?", context="it was seven days")
    assert (answer.answer, answer.start, answer.end) == ("seven", 7, 12)
    several = client.question_answering(
        question="how many?", context="it was seven days", top_k=2, handle_impossible_answer=False
    )
    assert several[0].answer == "seven"


def test_an_error_is_told(server):
    with pytest.raises(Exception, match="422") as caught:
        client_of(server, "tiny-classification").text_classification(" ")
    assert "visible" in str(caught.value)
