"""Requests that are refused before their content counts: path, method, headers and size."""

import json

import pytest

from tests.service.api.posting import JSON, MIB, post
from tests.service.conftest import assert_envelope


@pytest.mark.parametrize("path", ["/nope", "/models//", "/models/a/b", "/schema.json", "/docs"])
def test_an_unknown_path_is_404(client, path):
    assert_envelope(client.get(path), 404, "not_found")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/classify", "POST"),
        ("POST", "/models", "GET, HEAD"),
        ("TRACE", "/livez", "GET, HEAD"),
        ("DELETE", "/models/x", "GET, HEAD, POST"),
        ("OPTIONS", "/extract", "POST"),
    ],
)
def test_a_wrong_method_is_405(client, method, path, allowed):
    reply = client.request(method, path)
    assert_envelope(reply, 405, "method_not_allowed")
    assert reply.headers["allow"] == allowed


@pytest.mark.parametrize(
    "kind",
    [
        None,
        "text/plain",
        "text/json",
        "application/xml",
        "application/jsonx",
        "application/vnd.api+json",
        "application/json, application/json",
        "application/json; charset=latin-1",
        'application/json; a="x; y"; charset="iso-8859-1"',
        "application/json; charset=utf-8; charset=utf-16",
        "multipart/json",
    ],
)
def test_another_content_type_is_415(client, kind):
    headers = {} if kind is None else {"Content-Type": kind}
    reply = post(client, b'{"inputs": "x"}', headers=headers)
    assert_envelope(reply, 415, "unsupported_media_type")


def test_a_byte_order_mark_before_json_is_skipped(client):
    assert post(client, b'\xef\xbb\xbf{"inputs": "my card"}').status_code == 200
    assert_envelope(post(client, b"\xef\xbb\xbf"), 400, "malformed")
    assert_envelope(post(client, '{"inputs": "x"}'.encode("utf-16")), 400, "malformed")


def test_a_slash_behind_a_path_changes_nothing(client):
    body = {"inputs": "my card"}
    for path in ("/classify", "/models/classification"):
        assert client.post(f"{path}/", json=body).json() == client.post(path, json=body).json()
    for path in ("/models", "/models/classification", "/livez", "/readyz", "/openapi.json"):
        assert client.get(f"{path}/").json() == client.get(path).json()
    assert client.get("/classify/").status_code == 405
    for path in ("/classify//", "/metrics/", "/models//"):
        assert_envelope(client.get(path), 404, "not_found")


def test_a_compressed_body_is_415(client):
    reply = post(client, b"x", headers=JSON | {"Content-Encoding": "gzip"})
    assert_envelope(reply, 415, "unsupported_media_type")


@pytest.mark.parametrize(
    "kind",
    [
        "application/json",
        "Application/JSON; charset=UTF-8",
        "application/json;charset=utf8",
        'application/json; charset="utf-8"',
        "application/json; charset=us-ascii",
        "application/json;",
        "application/json ; odata=verbose",
        "application/json; indent=4; charset=utf-8",
        'application/json; profile="https://example.org/; charset=latin-1"',
        "application/json; boundary",
    ],
)
def test_json_is_taken(client, kind):
    assert post(client, b'{"inputs": "x"}', headers={"Content-Type": kind}).status_code == 200


@pytest.mark.parametrize("size", [MIB + 1, 2 * MIB])
def test_a_body_over_1_mib_is_413_declared_or_not(client, size):
    def parts():
        for _ in range(0, size, 64 * 1024):
            yield b"x" * (64 * 1024)
        yield b"x"

    assert_envelope(post(client, b"x" * size), 413, "too_large")
    assert_envelope(post(client, parts()), 413, "too_large")


def test_a_body_of_1_mib_is_read(client):
    body = json.dumps({"inputs": "x"}).encode()
    assert post(client, body + b" " * (MIB - len(body))).status_code == 200


def test_a_get_with_a_body_is_refused(client):
    assert_envelope(client.request("GET", "/models", content=b"x"), 400, "malformed")


def test_a_control_character_in_the_path_is_400(client):
    for path in ("/livez%0a", "/models/a%00b", "/%1b[31m"):
        assert_envelope(client.get(path), 400, "malformed")
