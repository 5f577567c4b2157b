"""Keys, scopes, rates and the audit log, as callers meet them."""

import json
import logging
import time

import pytest

from burnish.service.access import create_key, revoke_key, verify_files
from burnish.service.access.keyring import Keyring
from burnish.service.app import service
from tests.service.conftest import assert_envelope
from tests.service.panics import panic
from tests.tiny_onnx import tiny_bundle

BODY = {"inputs": "my secretword invoice", "model": "tiny-classification"}


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


@pytest.fixture
def keys(tmp_path):
    return tmp_path / "keys.json"


def make(keys, **options) -> str:
    options.setdefault("scopes", ["infer"])
    return create_key(keys, name="someone", **options).key


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


def test_every_decision_has_a_line_without_content(local, keys, tmp_path, caplog):
    key = make(keys)
    log = tmp_path / "audit.jsonl"
    client = local(keys=keys, audit=log)
    logging.getLogger("httpx").setLevel(logging.WARNING)  # the caller's own log
    with caplog.at_level(logging.DEBUG):
        replies = [
            client.post("/classify", json=BODY, headers=bearer(key)),
            client.post("/classify", content=b"{secretword", headers=bearer(key)),
            client.post("/classify", json=BODY),
            client.get("/secretword", headers=bearer(key)),
            client.get("/livez"),
            client.get("/"),
        ]
    assert [reply.status_code for reply in replies] == [200, 415, 401, 404, 200, 200]
    text = log.read_text()
    lines = [json.loads(line) for line in text.splitlines()][1:]
    said = [(line["route"], line["status"], line["error_type"]) for line in lines]
    assert said == [
        ("/classify", 200, ""),
        ("/classify", 415, "unsupported_media_type"),
        ("/classify", 401, "unauthorized"),
        ("none", 404, "not_found"),
    ]
    ids = [reply.headers["x-request-id"] for reply in replies[:4]]
    assert [line["request_id"] for line in lines] == ids
    assert lines[0]["model"] == replies[0].headers["x-burnish-model"]
    assert (lines[0]["items"], lines[0]["tokens"]) == (
        1,
        int(replies[0].headers["x-burnish-tokens"]),
    )
    assert lines[0]["key_id"] == lines[1]["key_id"] == key.split("_")[1]
    assert "secretword" not in text + caplog.text
    assert verify_files([log]).lines == len(lines) + 1


def records(log) -> list[dict]:
    return [json.loads(line) for line in log.read_text().splitlines()][1:]


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


@pytest.mark.parametrize("keyed", [True, False])
def test_what_is_not_served_fills_no_log(local, keys, tmp_path, monkeypatch, keyed):
    """Without keys everybody on this machine is a stranger."""
    monkeypatch.setattr("burnish.service.http.doorman.LATE_S", 0.0)
    make(keys)
    log = tmp_path / "audit.jsonl"
    client = local(audit=log, **({"keys": keys} if keyed else {}))
    for i in range(30):
        client.get(f"/none-{i}")
        client.get("/models", headers={"Host": "evil.example"})
        client.delete("/models")
    assert len(records(log)) <= 3
    if not keyed:
        assert client.get("/none").status_code == 404, "nothing is guessed here"


def test_a_known_callers_refusals_all_have_a_line(local, keys, tmp_path):
    key = make(keys)
    log = tmp_path / "audit.jsonl"
    client = local(keys=keys, audit=log)
    for i in range(30):
        assert client.get(f"/none-{i}", headers=bearer(key)).status_code == 404
    assert len(records(log)) == 30


def test_behind_a_proxy_the_address_is_what_the_proxy_says(local, keys, monkeypatch):
    monkeypatch.setattr("burnish.service.http.doorman.LATE_S", 0.0)
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


def test_scrapes_have_a_counter_and_no_line(local, keys, tmp_path):
    key, infer = make(keys, scopes=["metrics"]), make(keys)
    log = tmp_path / "audit.jsonl"
    client = local(keys=keys, audit=log)
    for _ in range(5):
        page = client.get("/metrics", headers=bearer(key)).text
    assert "burnish_scrapes_total 4.0" in page
    client.get("/metrics", headers=bearer(infer))
    assert [(line["route"], line["status"]) for line in records(log)] == [("/metrics", 403)]


@pytest.mark.parametrize("policy", ["refuse", "continue"])
def test_with_a_full_disk_it_is_not_ready_and_the_metrics_say_why(
    local, tmp_path, monkeypatch, policy
):
    client = local(audit=tmp_path / "audit.jsonl", audit_on_error=policy)
    with monkeypatch.context() as patch:
        patch.setattr("burnish.service.access.chain.write_all", full_disk)
        status = 503 if policy == "refuse" else 200
        assert client.post("/classify", json=BODY).status_code == status
        assert client.get("/readyz").status_code == status
        assert client.get("/livez").status_code == 200
        page = client.get("/metrics")
        assert page.status_code == 200
        assert 'burnish_file_fault{file="audit"} 1.0' in page.text
        assert "burnish_audit_lost_total 1.0" in page.text
    end = time.monotonic() + 5
    while client.get("/readyz").status_code == 503 and time.monotonic() < end:
        time.sleep(0.05)  # nobody asks a server that is not ready: it must find out alone
    assert client.get("/readyz").status_code == 200


@pytest.mark.parametrize("raised", [panic, exit, KeyboardInterrupt("secretword")])
@pytest.mark.parametrize("text", ["my card", "my card " * 1000], ids=["short", "aside"])
def test_whatever_a_request_raises_is_one_envelope_with_a_line(
    local, tmp_path, monkeypatch, caplog, raised, text
):
    log = tmp_path / "audit.jsonl"
    client = local(audit=log)

    def fail(*_, **__):
        if isinstance(raised, BaseException):
            raise raised
        raised("secretword")

    with monkeypatch.context() as patch:
        patch.setattr("burnish.runtime.Model.prepare", fail)
        reply = client.post("/classify", json=BODY | {"inputs": text})
    assert_envelope(reply, 500, "internal")
    (line,) = records(log)
    assert (line["status"], line["error_type"]) == (500, "internal")
    assert line["request_id"] == reply.headers["x-request-id"]
    assert line["request_id"] in caplog.text
    assert "secretword" not in caplog.text
    assert client.post("/classify", json=BODY | {"inputs": text}).status_code == 200


def test_a_log_that_is_deleted_is_counted(local, tmp_path):
    log = tmp_path / "audit.jsonl"
    client = local(audit=log)
    log.unlink()
    assert client.post("/classify", json=BODY).status_code == 200
    assert 'burnish_audit_changes_total{change="deleted"} 1.0' in client.get("/metrics").text
    assert len(records(log)) == 1


def test_bodies_have_an_hmac_where_a_key_for_it_is_given(local, tmp_path):
    secret = tmp_path / "hmac.key"
    secret.touch(mode=0o600)
    secret.write_bytes(bytes(range(32)))
    log = tmp_path / "audit.jsonl"
    client = local(audit=log, audit_hmac_key=secret)
    for text in ("one", "one", "two"):
        client.post("/classify", json=BODY | {"inputs": text})
    hmacs = [json.loads(line)["input_hmac"] for line in log.read_text().splitlines()[1:]]
    assert len(hmacs) == 3
    assert hmacs[0] == hmacs[1] != hmacs[2]


def test_nothing_is_answered_that_cannot_be_audited(local, tmp_path, monkeypatch):
    client = local(audit=tmp_path / "audit.jsonl")
    monkeypatch.setattr(service.audit, "append", lambda decision: False)
    reply = client.post("/classify", json=BODY)
    message = assert_envelope(reply, 503, "not_ready")
    assert "audit" in message
    refused = client.post("/classify", content=b"{")  # its body may not have been read
    assert_envelope(refused, 503, "not_ready")
    assert refused.headers["connection"] == "close"
    assert client.get("/livez").status_code == 200


def test_the_metrics_tell_of_files_that_a_person_should_fix(local, tmp_path, monkeypatch):
    log = tmp_path / "audit.jsonl"
    client = local(audit=log)

    def figures() -> dict[str, float]:
        lines = [line for line in client.get("/metrics").text.splitlines() if line[:1] != "#"]
        return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}

    assert figures()['burnish_file_fault{file="audit"}'] == 0
    assert figures()['burnish_file_fault{file="keys"}'] == 0
    with monkeypatch.context() as patch:
        patch.setattr("burnish.service.access.chain.write_all", full_disk)
        assert_envelope(client.post("/classify", json=BODY), 503, "not_ready")
        found = figures()
    assert found['burnish_file_fault{file="audit"}'] == 1
    assert found["burnish_audit_lost_total"] == 1


def full_disk(descriptor: int, content: bytes) -> None:
    raise OSError(28, "No space left on device")
