"""The audit log and its metrics, as requests over HTTP fill them."""

import json
import logging
import time

import pytest

from burnish.service.access import verify_files
from burnish.service.app import service
from tests.service.callers import BODY, bearer, make, records
from tests.service.conftest import assert_envelope
from tests.service.panics import panic


def test_every_decision_has_a_line_without_content(local, keys, tmp_path, caplog):
    key = make(keys)
    log = tmp_path / "audit.jsonl"
    client = local(keys=keys, audit=log)
    for name in ("httpx", "httpx2"):  # the caller's own log
        logging.getLogger(name).setLevel(logging.WARNING)
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
