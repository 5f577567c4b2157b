"""``huggingface_hub.InferenceClient``, unchanged, pointed at a model's URL."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from burnish.service.access import create_key
from burnish.service.settings import Settings
from tests.service.conftest import served_here

hub = pytest.importorskip("huggingface_hub", reason="the training environment has it")
constants = pytest.importorskip("huggingface_hub.constants")


def client_of(server, name: str):
    return hub.InferenceClient(model=f"{server.url}/models/{name}", token="not-asked-for")


@pytest.fixture(autouse=True)
def loopback_alone(monkeypatch):
    """Let the client reach this machine, whatever the environment says of hub and proxies."""
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    hub.close_session()
    yield
    hub.close_session()


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


OFFLINE = """
from huggingface_hub import InferenceClient
client = InferenceClient(sys.argv[1], token=sys.argv[2])
try:
    client.text_classification("my invoice")
except Exception as error:
    print(type(error).__name__)
{advice}
print(client.text_classification("my invoice")[0].label)
"""


def test_the_documented_way_works_with_a_key_where_the_hub_is_switched_off(bundles, tmp_path):
    page = (Path(__file__).parents[3] / "docs" / "reference" / "http.md").read_text(
        encoding="utf-8"
    )
    (advice,) = re.findall(r"```python\n(import huggingface_hub\n.*?)```", page, re.DOTALL)
    key = create_key(tmp_path / "keys.json", name="someone", scopes=["infer"]).key
    settings = Settings(bundles=(bundles,), keys=tmp_path / "keys.json")
    with served_here(settings) as port:
        url = f"http://127.0.0.1:{port}/models/tiny-classification"
        done = subprocess.run(
            [sys.executable, "-c", "import sys" + OFFLINE.format(advice=advice), url, key],
            env={**os.environ, "HF_HUB_OFFLINE": "1", "NO_PROXY": "127.0.0.1"},
            capture_output=True,
            text=True,
        )
    assert done.stdout.splitlines() == ["OfflineModeIsEnabled", "billing"], done.stderr


def test_a_wrong_key_is_told(bundles, tmp_path):
    create_key(tmp_path / "keys.json", name="someone", scopes=["infer"])
    with served_here(Settings(bundles=(bundles,), keys=tmp_path / "keys.json")) as port:
        url = f"http://127.0.0.1:{port}/models/tiny-classification"
        with pytest.raises(Exception, match="401"):
            hub.InferenceClient(url, token="bk_wrong").text_classification("my invoice")
