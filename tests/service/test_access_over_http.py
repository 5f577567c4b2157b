"""Keys, scopes and rate limits, as callers meet them."""

import time

import pytest

from burnish.service.access import revoke_key, verify_files
from burnish.service.access.keyring import Keyring
from burnish.service.app import service
from tests.service.callers import BODY, bearer, make, records
from tests.service.conftest import assert_envelope
from tests.tiny_onnx import tiny_bundle


def test_a_key_opens_what_its_scopes_say(local, keys):
    infer, metrics = make(keys), make(keys, scopes=["metrics"])
    client = local(keys=keys)
    assert client.post("/classify", json=BODY, headers=bearer(infer)).status_code == 200
    assert client.get("/metrics", headers=bearer(metrics)).status_code == 200
    assert_envelope(client.get("/metrics", headers=bearer(infer)), 403, "forbidden")
    reply = client.post("/classify", json=BODY, headers=bearer(metrics))
    assert_envelope(reply, 403, "forbidden")
    assert_envelope(client.get("/models"), 401, "unauthorized")


def test_a_key_sees_and_asks_its_own_models_alone(local, keys):
    key = make(keys, models=["tiny-qa"])
    client = local(keys=keys)
    names = [m["name"] for m in client.get("/models", headers=bearer(key)).json()["models"]]
    assert names == ["tiny-qa"]
    for reply in (
        client.post("/classify", json=BODY, headers=bearer(key)),
        client.get("/models/tiny-classification", headers=bearer(key)),
        client.post("/models/tiny-classification", json=BODY, headers=bearer(key)),
    ):
        assert_envelope(reply, 404, "not_found")
    question = {"inputs": {"question": "how many?", "context": "seven days"}}
    assert client.post("/answer", json=question, headers=bearer(key)).status_code == 200


@pytest.mark.parametrize("way", ["GET", "POST", "by task"])
def test_a_key_does_not_learn_which_other_models_exist(local, keys, way):
    key = make(keys, models=["tiny-qa"])
    client = local(keys=keys)

    def ask(name: str) -> tuple[int, bytes, str]:
        if way == "by task":
            asked = {"inputs": "x", "model": name}
            reply = client.post("/classify", json=asked, headers=bearer(key))
        else:
            body = {"inputs": "x"} if way == "POST" else None
            reply = client.request(way, f"/models/{name}", json=body, headers=bearer(key))
        return reply.status_code, reply.content, reply.headers.get("connection", "")

    assert ask("tiny-classification") == ask("tiny-extraction") == ask("there-is-none")
    assert ask("there-is-none")[0] == 404


def test_a_key_does_not_learn_which_tasks_other_models_have(local, keys, tmp_path):
    tiny_bundle(tmp_path / "models" / "mails", name="mails")
    tiny_bundle(tmp_path / "models" / "places", "extraction", name="places")
    key = make(keys, models=["mails"])
    client = local(keys=keys, folder=tmp_path / "models")
    question = {"inputs": {"question": "x", "context": "x"}}
    there = client.post("/extract", json={"inputs": "x"}, headers=bearer(key))
    not_there = client.post("/answer", json=question, headers=bearer(key))
    assert there.status_code == not_there.status_code == 404
    assert there.text.replace("extraction", "qa") == not_there.text


def test_the_only_model_that_a_key_may_ask_needs_no_name(local, keys, tmp_path):
    for name in ("mails", "tickets"):
        tiny_bundle(tmp_path / "models" / name, name=name)
    tiny_bundle(tmp_path / "models" / "places", "extraction", name="places")
    key, other, every = (make(keys, models=names) for names in (["tickets"], ["places"], None))
    client = local(keys=keys, folder=tmp_path / "models")

    def ask(key: str, **model: str):
        return client.post("/classify", json={"inputs": "x", **model}, headers=bearer(key))

    own = client.post("/models/tickets", json={"inputs": "x"}, headers=bearer(key))
    assert ask(key).headers["x-burnish-model"] == own.headers["x-burnish-model"]
    assert_envelope(ask(key, model="mails"), 404, "not_found")
    assert_envelope(ask(key, model="places"), 404, "not_found")  # whatever its task is
    message = assert_envelope(ask(other), 404, "not_found")
    assert not {"mails", "tickets"} & set(message.replace(",", " ").split())
    assert_envelope(ask(every), 422, "validation")


def test_a_revoked_key_is_refused_without_a_restart(local, keys, monkeypatch):
    key, other = make(keys), make(keys)
    client = local(keys=keys)
    assert client.get("/models", headers=bearer(key)).status_code == 200
    revoke_key(keys, key.split("_")[1])
    service.keyring.reload()
    assert_envelope(client.get("/models", headers=bearer(key)), 401, "unauthorized")
    assert client.get("/models", headers=bearer(other)).status_code == 200
    assert isinstance(service.keyring, Keyring)


def test_a_keys_rate_is_kept_and_the_wait_is_told(local, keys):
    key, other = make(keys, requests_per_minute=2), make(keys, tokens_per_minute=4)
    client = local(keys=keys)
    statuses = [client.get("/models", headers=bearer(key)).status_code for _ in range(3)]
    assert statuses == [200, 200, 429]
    assert 25 <= int(client.get("/models", headers=bearer(key)).headers["retry-after"]) <= 31
    first = client.post("/classify", json=BODY, headers=bearer(other))
    assert first.status_code == 200
    assert int(first.headers["x-burnish-tokens"]) > 4
    assert_envelope(client.post("/classify", json=BODY, headers=bearer(other)), 429, "overloaded")


def test_a_flood_of_wrong_keys_is_limited_and_summed_up(local, keys, tmp_path, monkeypatch):
    monkeypatch.setattr("burnish.service.http.doorman.LATE_S", 0.0)
    key = make(keys)
    log = tmp_path / "audit.jsonl"
    client = local(keys=keys, audit=log)
    wrong = [bearer("bk_zzzzzzzz_" + "A" * 43), bearer("x"), {}]
    replies = [client.get("/models", headers=wrong[i % 3]) for i in range(60)]
    statuses = [reply.status_code for reply in replies]
    assert statuses[:20] == [401] * 20
    assert statuses[20:].count(429) >= 20  # one more is let through each second
    assert "too many wrong keys" in assert_envelope(replies[-1], 429, "overloaded")
    assert replies[-1].headers["retry-after"] == "1"
    assert client.get("/models", headers=bearer(key)).status_code == 200, "the address is shared"
    service.trail.close()
    lines = records(log)
    assert [line["status"] for line in lines if line["kind"] == "decision"][:1] == [401]
    assert len(lines) <= 6
    assert lines[-1]["kind"] == "turned_away"
    assert lines[-1]["address"] == ""
    found = verify_files([log])
    assert found.decisions + found.turned_away == 61


def test_whoever_tries_many_keys_is_answered_late_also_while_the_queue_is_full(
    local, keys, monkeypatch
):
    monkeypatch.setattr("burnish.service.access.Strangers._is_limited", lambda *_: True)
    make(keys)
    client = local(keys=keys)
    for full in (False, True):
        monkeypatch.setattr("burnish.service.scheduling.admission.Admission.refusing", full)
        begin = time.monotonic()
        assert_envelope(client.post("/classify", json=BODY), 429, "overloaded")
        assert 0.49 < time.monotonic() - begin < 5


def test_behind_a_proxy_the_address_is_what_the_proxy_says(local, keys, monkeypatch):
    monkeypatch.setattr("burnish.service.http.doorman.LATE_S", 0.0)
    # However slow the machine, no wrong key is forgiven while the test runs.
    monkeypatch.setattr("burnish.service.access.strangers._PER_S", 1e-6)
    make(keys)
    client = local(keys=keys, behind_proxy=True)

    def statuses(forwarded: str) -> set[int]:
        headers = {"X-Forwarded-For": forwarded}
        return {client.get("/models", headers=headers).status_code for _ in range(30)}

    assert statuses("192.0.2.1") == {401, 429}
    assert statuses("192.0.2.2:4711") == {401, 429}
    assert statuses("9.9.9.9, 192.0.2.1") == {429}, "what the client says before does not count"
    assert statuses("2001:db8::1") == {401, 429}
    assert statuses("[2001:db8::2]:80") == {429}, "of the same /64"
    assert client.get("/models", headers={"X-Forwarded-For": "192.0.2.3"}).status_code == 401
    direct = local(keys=keys)
    found = {
        direct.get("/models", headers={"X-Forwarded-For": f"192.0.2.{i}"}).status_code
        for i in range(30)
    }
    assert found == {401, 429}, "without a proxy the header is the client's own word"
