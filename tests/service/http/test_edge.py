import asyncio
import logging
import time

import pytest
from starlette.testclient import TestClient

from burnish.errors import UsageError
from burnish.service.access import Keyring, RateLimiter
from burnish.service.app import service
from burnish.service.http.edge import Edge
from burnish.service.metrics import Metrics
from burnish.service.request_context import json_response
from burnish.service.scheduling.admission import Admission
from burnish.service.settings import Settings
from tests.service.conftest import assert_envelope

KEY = "a-key-of-more-than-16-characters"
BODY = {"inputs": "my invoice"}


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


@pytest.mark.parametrize("path", ["/models", "/metrics", "/openapi.json", "/nowhere"])
def test_with_a_key_set_nothing_is_told_without_it(local, path):
    client = local(api_key=KEY)
    reply = client.get(path)
    assert_envelope(reply, 401, "unauthorized")
    assert reply.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        bearer(""),
        bearer(KEY[:-1]),
        bearer(KEY + "x"),
        bearer("\u00e9" * 30),
        {"Authorization": KEY},
        {"Authorization": f"Basic {KEY}"},
    ],
)
def test_a_wrong_key_is_401_before_the_body_is_read(local, headers):
    encoded = {name: value.encode("latin-1") for name, value in headers.items()}
    reply = local(api_key=KEY).post("/classify", content=b"not json", headers=encoded)
    assert_envelope(reply, 401, "unauthorized")


def test_the_right_key_opens_and_probes_need_none(local):
    client = local(api_key=KEY)
    assert client.post("/classify", json=BODY, headers=bearer(KEY)).status_code == 200
    assert client.get("/livez").status_code == client.get("/readyz").status_code == 200


@pytest.mark.parametrize("key", ["", "short", "with\nline break in it", "\u00fcber" * 10])
def test_a_weak_key_is_refused(key):
    with pytest.raises(UsageError, match="API key"):
        Settings(bundles=(), api_key=key)


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1", "[::1]:80", "10.1.2.3:9"])
def test_this_machines_names_and_addresses_are_hosts(client, host):
    assert client.get("/livez", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example:8000", ""])
def test_another_host_is_refused(client, host):
    assert_envelope(client.get("/livez", headers={"Host": host}), 403, "forbidden")


def test_a_host_can_be_allowed(local):
    client = local(allowed_hosts=("models.example",))
    assert client.get("/livez", headers={"Host": "Models.example:443"}).status_code == 200
    assert client.get("/livez", headers={"Host": "other.example"}).status_code == 403
    client = local(allowed_hosts=("*",))
    assert client.get("/livez", headers={"Host": "other.example"}).status_code == 200


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1"])
def test_a_page_of_another_site_may_not_ask(client, origin):
    reply = client.post("/classify", json=BODY, headers={"Origin": origin})
    assert_envelope(reply, 403, "forbidden")


@pytest.mark.parametrize(
    ("public", "origin", "host", "status"),
    [
        # The proxy passes the name that it was asked by.
        (None, "https://models.example.org", "models.example.org", 403),
        ("https://models.example.org", "https://models.example.org", "models.example.org", 200),
        # The proxy sends the address of this server, as nginx does unless it is told otherwise.
        ("https://models.example.org", "https://models.example.org", "127.0.0.1:8000", 200),
        ("https://Models.Example.org:443/burnish/", "https://models.example.org", "127.0.0.1", 200),
        ("https://models.example.org:8443", "https://models.example.org:8443", "127.0.0.1", 200),
        ("https://models.example.org", "http://models.example.org", "127.0.0.1:8000", 403),
        ("https://models.example.org", "https://models.example.org:8443", "127.0.0.1:8000", 403),
        ("https://models.example.org", "https://evil.example", "models.example.org", 403),
        ("https://models.example.org", "null", "127.0.0.1:8000", 403),
        ("http://[2001:db8::1]:8080", "http://[2001:db8::1]:8080", "127.0.0.1:8000", 200),
    ],
)
def test_the_page_behind_a_proxy_may_ask(local, public, origin, host, status):
    client = local(public_url=public, behind_proxy=True)
    headers = {"Origin": origin, "Host": host}
    assert client.post("/classify", json=BODY, headers=headers).status_code == status


@pytest.mark.parametrize("url", ["models.example.org", "ftp://a", "https://", "https://a:b", ""])
def test_a_public_url_has_a_scheme_and_a_host(url):
    with pytest.raises(UsageError, match="is not the address of a server"):
        Settings(bundles=(), public_url=url)


def test_a_page_of_this_server_may_ask(client, server):
    reply = client.post("/classify", json=BODY, headers={"Origin": server.url})
    assert reply.status_code == 200


@pytest.mark.parametrize("given", ["abc-123", "A" * 64])
def test_a_clean_request_id_is_echoed(client, given):
    reply = client.get("/livez", headers={"X-Request-ID": given})
    assert reply.headers["x-request-id"] == given


@pytest.mark.parametrize("given", ["", "A" * 65, "a b", "a\x7fb", "<script>"])
def test_any_other_request_id_is_replaced(client, given):
    replies = [client.get("/nowhere", headers={"X-Request-ID": given}) for _ in range(2)]
    ids = {reply.headers["x-request-id"] for reply in replies}
    assert given not in ids
    assert len(ids) == 2


class FixedHandlers:
    """Endpoints that all do one thing."""

    def __init__(self, answer) -> None:
        self._answer = answer

    async def answer(self, call):
        return self._answer()


def exchange(settings: Settings, answer, *, server=("127.0.0.1", 80), scheme="http", receive=None):
    """One POST through an edge; its status."""
    sent: list[dict] = []
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/classify",
        "scheme": scheme,
        "server": server,
        "headers": [
            (b"host", b"localhost"),
            (b"content-type", b"application/json"),
            (b"authorization", f"Bearer {KEY}".encode()),
        ],
    }

    async def send(message) -> None:
        sent.append(message)

    async def whole():
        return {"type": "http.request", "body": b"{}"}

    edge = Edge(
        None,  # type: ignore[arg-type]
        handlers=FixedHandlers(answer),  # type: ignore[arg-type]
        settings=settings,
        admission=Admission(budget_ms=100),
        keyring=Keyring(api_key=settings.api_key),
        rate_limiter=RateLimiter(),
        metrics=Metrics(),
    )
    asyncio.run(edge(scope, receive or whole, send))
    return sent[0]["status"]


def answer():
    return json_response({})


@pytest.mark.parametrize(
    ("settings", "scheme", "status"),
    [
        ({}, "http", 403),
        ({}, "https", 403),
        ({"api_key": KEY}, "http", 403),
        ({"api_key": KEY}, "https", 200),
        ({"behind_proxy": True}, "http", 200),
    ],
)
def test_other_machines_need_key_and_tls_or_a_proxy(settings, scheme, status):
    built = Settings(bundles=(), **settings)
    assert exchange(built, answer, server=("10.0.0.5", 80), scheme=scheme) == status
    assert exchange(built, answer, scheme=scheme) == 200


def test_a_slow_body_is_408():
    async def receive():
        await asyncio.sleep(0.02)
        return {"type": "http.request", "body": b" ", "more_body": True}

    settings = Settings(bundles=(), body_timeout_s=0.2)
    begin = time.monotonic()
    assert exchange(settings, answer, receive=receive) == 408
    assert time.monotonic() - begin < 1


def test_a_body_without_end_is_413_and_never_kept():
    received = []

    async def receive():
        received.append(1)
        return {"type": "http.request", "body": bytes(64 * 1024), "more_body": True}

    assert exchange(Settings(bundles=()), answer, receive=receive) == 413
    assert len(received) == 8 * 16 + 1


def test_a_fault_is_500_and_logged_without_its_message(caplog):
    def fail():
        raise ValueError("secret text")

    with caplog.at_level(logging.ERROR):
        assert exchange(Settings(bundles=()), fail) == 500
    assert "ValueError at " in caplog.text
    assert "test_edge.py" in caplog.text
    assert "secret" not in caplog.text
    assert all(record.exc_info is None for record in caplog.records)


def test_an_answer_that_takes_too_long_is_504_and_its_work_dropped(local, monkeypatch):
    client = local(request_timeout_s=0.2, threads=1)
    steps = service.registry.named("tiny-classification").model._steps
    computed = []
    compute = steps.compute

    def slow(window):
        computed.append(1)
        time.sleep(0.05)
        return compute(window)

    monkeypatch.setattr(steps, "compute", slow)
    reply = client.post("/classify", json={"inputs": "the week " * 1000})
    assert_envelope(reply, 504, "deadline")
    before = len(computed)
    time.sleep(0.3)
    assert len(computed) <= before + 1 < 20


def test_until_the_models_are_loaded_it_is_503(bundles, monkeypatch):
    monkeypatch.setattr("burnish.service.models.Registry.start", lambda self: None)
    service.settings = Settings(bundles=(bundles / "qa",))
    with TestClient(service.to_asgi(), base_url="http://127.0.0.1") as client:
        replies = [
            client.get("/readyz"),
            client.get("/models"),
            client.post("/classify", json=BODY),
        ]
        assert client.get("/livez").status_code == 200
    service.settings = None
    for reply in replies:
        assert_envelope(reply, 503, "not_ready")
        assert reply.headers["retry-after"] == "1"
