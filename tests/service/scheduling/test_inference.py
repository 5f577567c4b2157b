import json

import httpx
import pytest

import burnish
from burnish.bundle import read_bundle
from burnish.runtime.costs import CostTable
from burnish.service.app import service
from tests.service.conftest import assert_envelope
from tests.tiny_onnx import LABELS, tiny_bundle

LONG = "the week " * 500 + "Paris"


def test_a_text_is_classified_best_label_first(client):
    labels = client.post("/classify", json={"inputs": "my invoice"}).json()
    assert labels[0]["label"] == "billing"
    scores = [label["score"] for label in labels]
    assert scores == sorted(scores, reverse=True)
    assert sum(scores) == pytest.approx(1)


def test_a_list_of_texts_has_a_list_of_replies(client):
    replies = client.post("/classify", json={"inputs": ["invoice", "parcel", "hello"]}).json()
    assert [reply[0]["label"] for reply in replies] == list(LABELS)


@pytest.mark.parametrize(
    ("parameters", "count"),
    [({"top_k": 1}, 1), ({"top_k": 2}, 2), ({"threshold": 0.5}, 1), ({"threshold": 1}, 0)],
)
def test_parameters_bound_the_labels(client, parameters, count):
    body = {"inputs": "my invoice", "parameters": parameters}
    assert len(client.post("/classify", json=body).json()) == count


def test_with_one_label_a_text_five_are_sent(tmp_path, local):
    labels = tuple("abcdefgh")
    tiny_bundle(tmp_path / "b" / "many", labels=labels)
    client = local(folder=tmp_path / "b")
    assert len(client.post("/classify", json={"inputs": "text"}).json()) == 5
    body = {"inputs": "text", "parameters": {"top_k": 8}}
    assert len(client.post("/classify", json=body).json()) == 8


def test_with_several_labels_those_above_their_thresholds_are_sent(tmp_path, local):
    thresholds = {"billing": 0.99, "delivery": 0.0, "other": 0.7}
    tiny_bundle(tmp_path / "b" / "many", multi_label=True, thresholds=thresholds)
    client = local(folder=tmp_path / "b")
    labels = client.post("/classify", json={"inputs": "my invoice"}).json()
    assert [label["label"] for label in labels] == ["delivery"]
    body = {"inputs": "my invoice", "parameters": {"threshold": 0}}
    assert len(client.post("/classify", json=body).json()) == 3


def test_entities_are_extracted(client):
    entities = client.post("/extract", json={"inputs": "Anna in Paris"}).json()
    assert [set(entity) for entity in entities] == [
        {"entity_group", "score", "word", "start", "end"}
    ] * 2
    found = [(e["entity_group"], e["word"], e["start"], e["end"]) for e in entities]
    assert found == [("person", "Anna", 0, 4), ("place", "Paris", 8, 13)]


def test_a_threshold_drops_entities(client):
    body = {"inputs": "Anna in Paris", "parameters": {"threshold": 1}}
    assert client.post("/extract", json=body).json() == []


@pytest.mark.parametrize(
    "text",
    [
        "👩‍👩‍👧‍👦 Anna saw Paris 🏳️‍🌈 Berlin",
        "e\u0301 cafe\u0301 in Paris",
        "\u202eParis\u202c and \U0001f1e9\U0001f1ea Berlin",
        "中文 Paris 日本語 Anna",
        "\x00 Paris \ufeff Anna",
    ],
)
def test_offsets_are_code_points_of_what_was_sent(client, text):
    for sent in (json.dumps({"inputs": text}), json.dumps({"inputs": text}, ensure_ascii=False)):
        reply = client.post(
            "/extract", content=sent.encode(), headers={"Content-Type": "application/json"}
        )
        entities = reply.json()
        assert any(e["word"] in ("Paris", "cafe\u0301") for e in entities)
        assert all(text[e["start"] : e["end"]] == e["word"] for e in entities)


def test_combining_marks_stay_with_their_letter(client):
    entities = client.post("/extract", json={"inputs": "at cafe\u0301 today"}).json()
    assert [(e["word"], e["start"], e["end"]) for e in entities] == [("cafe\u0301", 3, 8)]


def test_a_question_is_answered(client):
    inputs = {"question": "how many?", "context": "it was seven days"}
    answer = client.post("/answer", json={"inputs": inputs}).json()
    assert set(answer) == {"answer", "score", "start", "end"}
    assert (answer["answer"], answer["start"], answer["end"]) == ("seven", 7, 12)


def test_several_answers_are_a_list(client):
    inputs = {"question": "how many?", "context": "it was seven days"}
    body = {"inputs": [inputs, inputs], "parameters": {"top_k": 3}}
    replies = client.post("/answer", json=body).json()
    assert [len(answers) for answers in replies] == [3, 3]


def test_no_answer_may_be_forbidden(tmp_path, local):
    tiny_bundle(tmp_path / "b" / "qa", "qa", no_answer_threshold=1000.0)
    client = local(folder=tmp_path / "b")
    inputs = {"question": "how many?", "context": "it was seven days"}
    none = client.post("/answer", json={"inputs": inputs}).json()
    assert (none["answer"], none["start"], none["end"]) == ("", 0, 0)
    body = {"inputs": inputs, "parameters": {"handle_impossible_answer": False}}
    assert client.post("/answer", json=body).json()["answer"] == "seven"


def test_a_long_text_is_read_whole_and_the_reply_says_so(client):
    reply = client.post("/extract", json={"inputs": LONG})
    assert [e["start"] for e in reply.json()] == [len(LONG) - 5]
    assert reply.headers["x-burnish-tokens"] == "1001"
    assert int(reply.headers["x-burnish-windows"]) > 30


@pytest.mark.parametrize("times", [1, 1000])
def test_what_would_take_far_too_long_is_refused_before_it_is_computed(local, monkeypatch, times):
    client = local(request_timeout_s=2)
    found = (each.model for each in service.registry.models if each.task == "classification")
    model = next(found)
    monkeypatch.setattr(model, "costs", CostTable((1e5,) * 100))
    if times > 1:  # by its characters alone
        monkeypatch.setattr(model, "prepare", None)
    reply = client.post("/classify", json={"inputs": "my invoice " * times})
    assert_envelope(reply, 413, "too_large")
    assert "is given up after 2" in reply.json()["error"]


def test_coverage_is_summed_over_a_list(client):
    one = client.post("/classify", json={"inputs": "my invoice"}).headers
    two = client.post("/classify", json={"inputs": ["my invoice", "my invoice"]}).headers
    for header in ("x-burnish-tokens", "x-burnish-windows"):
        assert int(two[header]) == 2 * int(one[header])


def test_a_reply_names_the_model_by_its_digest(client, bundles):
    reply = client.post("/classify", json={"inputs": "text"})
    assert reply.headers["x-burnish-model"] == read_bundle(bundles / "classification").digest


def test_http_and_runtime_give_the_same_numbers(client, bundles):
    texts = ["my invoice", LONG, "parcel 🙂"]
    over_http = client.post("/classify", json={"inputs": texts}).json()
    with burnish.load(bundles / "classification") as model:
        predictions = model.predict(texts)
    found = [[(s.label, s.score) for s in p.scores] for p in predictions]  # type: ignore[attr-defined]
    assert [[(s["label"], s["score"]) for s in reply] for reply in over_http] == found


def test_a_models_own_route_nests_a_single_classification(client):
    plain = client.post("/classify", json={"inputs": "text"}).json()
    assert client.post("/models/tiny-classification", json={"inputs": "text"}).json() == [plain]
    several = client.post("/models/tiny-classification", json={"inputs": ["text"]}).json()
    assert several == [plain]


def test_models_are_listed(client):
    models = client.get("/models").json()["models"]
    assert [model["name"] for model in models] == [
        "tiny-classification",
        "tiny-extraction",
        "tiny-qa",
    ]
    assert models[0]["labels"] == list(LABELS)
    assert models[0]["limits"] == {"max_inputs": 256, "max_characters": 1_000_000}


def test_a_model_tells_its_card_and_gates(client):
    details = client.get("/models/tiny-qa").json()
    assert details["card"].startswith("# A tiny model")
    assert details["gates"] == []
    assert details["task"] == "qa"


def test_one_of_several_models_must_be_named(tmp_path, local):
    tiny_bundle(tmp_path / "b" / "one", name="one")
    tiny_bundle(tmp_path / "b" / "two", name="two", int8=True)
    client = local(folder=tmp_path / "b")
    message = assert_envelope(client.post("/classify", json={"inputs": "x"}), 422, "validation")
    assert "one, two" in message
    for name in ("one", "two"):
        reply = client.post("/classify", json={"inputs": "x", "model": name})
        assert reply.headers["x-burnish-model"] == client.get(f"/models/{name}").json()["digest"]


def test_a_route_without_model_is_404(tmp_path, local):
    tiny_bundle(tmp_path / "b" / "one")
    reply = local(folder=tmp_path / "b").post("/extract", json={"inputs": "x"})
    assert_envelope(reply, 404, "not_found")


def test_a_model_of_another_task_is_refused(client):
    reply = client.post("/classify", json={"inputs": "x", "model": "tiny-qa"})
    assert "for qa" in assert_envelope(reply, 422, "validation")


def test_an_item_that_cannot_be_answered_has_an_error_in_its_place(tmp_path, local):
    tiny_bundle(tmp_path / "b" / "poisoned", poison="week")
    client = local(folder=tmp_path / "b")
    good, bad, again = client.post("/classify", json={"inputs": ["card", "week", "card"]}).json()
    assert good == again == client.post("/classify", json={"inputs": "card"}).json()
    assert bad["error_type"] == "model"
    reply = client.post("/classify", json={"inputs": "week"})
    assert "not finite" in assert_envelope(reply, 500, "model")


def test_a_bundles_limits_bound_a_request(tmp_path, local):
    limits = {"max_inputs": 2, "max_characters": 10}
    tiny_bundle(tmp_path / "b" / "small", limits=limits)
    client = local(folder=tmp_path / "b")
    assert client.post("/classify", json={"inputs": ["x" * 10] * 2}).status_code == 200
    for inputs in (["x"] * 3, "x" * 11):
        reply = client.post("/classify", json={"inputs": inputs})
        assert_envelope(reply, 422, "validation")


def test_probes_and_metrics(client):
    assert client.get("/livez").json() == {"status": "alive"}
    assert client.get("/readyz").json() == {"status": "ready", "models": 3}
    client.post("/classify", json={"inputs": "x"})
    client.get("/nothing-here")
    page = client.get("/metrics").text
    assert 'burnish_requests_total{route="/classify",status="200"}' in page
    assert 'burnish_requests_total{route="none",status="404"}' in page
    assert 'burnish_tokens_total{model="tiny-classification"}' in page
    assert "nothing-here" not in page


def test_head_is_get_without_a_body(client):
    assert client.head("/livez").status_code == 200
    assert client.head("/livez").content == b""


def test_a_question_of_half_a_window_is_told_to_be_too_long(client):
    inputs = {"question": "is it the week " * 20, "context": "it was seven days"}
    reply: httpx.Response = client.post("/answer", json={"inputs": inputs})
    assert "question has" in assert_envelope(reply, 422, "validation")
