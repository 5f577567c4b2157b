"""Where a message ends: one reading, or a refusal."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from burnish.service.errors import HTTPError
from burnish.service.http.framing import Chunked, Counted, body_of
from burnish.service.http.message import HeadersReader, RequestHeaders

HOST = b"Host: localhost\r\n"


def headers_of(text: bytes, *, step: int = 1 << 20) -> RequestHeaders | None:
    """Read headers that arrive in steps; what follows them must be left alone."""
    reader, buffer = HeadersReader(), bytearray()
    for begin in range(0, len(text), step):
        buffer += text[begin : begin + step]
        headers = reader.read(buffer)
        if headers is not None:
            assert bytes(buffer) + text[begin + step :] == text.partition(b"\r\n\r\n")[2]
            return headers
    return None


def request(*fields: bytes, line: bytes = b"POST /classify HTTP/1.1") -> bytes:
    return b"\r\n".join([line, HOST.strip(), *fields, b"", b""])


@pytest.mark.parametrize("step", [1, 2, 3, 7, 1000])
def test_headers_are_read_in_any_steps_and_nothing_behind_them(step):
    text = request(b"X-A: b \t", b"Content-Length: 3", line=b"POST /a%20b?c=d HTTP/1.1") + b"abcGET"
    headers = headers_of(text, step=step)
    assert headers is not None
    assert (headers.method, headers.path, headers.raw_path, headers.query) == (
        "POST",
        "/a b",
        b"/a%20b",
        b"c=d",
    )
    assert headers.fields == [(b"host", b"localhost"), (b"x-a", b"b"), (b"content-length", b"3")]
    assert headers.keep_alive
    assert not headers.body.done


@pytest.mark.parametrize(
    "line",
    [
        b"GET / HTTP/0.9",
        b"GET / HTTP/1.2",
        b"GET / HTTP/2.0",
        b"PRI * HTTP/2.0",
        b"GET /",
        b"GET / RTSP/1.0",
        b"GET  / HTTP/1.1",
        b"GET\t/ HTTP/1.1",
        b"GET / HTTP/1.1 ",
        b"GET /a b HTTP/1.1",
        b"GET /a#b HTTP/1.1",
        b"GET /a\xc3\xa9 HTTP/1.1",
        b"GET livez HTTP/1.1",
        b"GET *a HTTP/1.1",
        b"GET http:///a HTTP/1.1",
        b"GET http://user@localhost/a HTTP/1.1",
        b"GET ftp://localhost/a HTTP/1.1",
        b"get / HTTP/1.1",
        b"CONNECT localhost:80 HTTP/1.1",
        b"\x16\x03\x01\x02\x00\x01",
    ],
)
def test_a_line_that_is_not_http_1_is_refused(line):
    with pytest.raises(HTTPError) as caught:
        headers_of(request(line=line))
    assert (caught.value.status, caught.value.close) == (400, True)


FIELDS = [
    (b"X: a\r\n b",),
    (b" X: a",),
    (b"X : a",),
    (b"X",),
    (b": a",),
    (b"X: a\nY: b",),
    (b"X: a\rY: b",),
    (b"X: a\x00b",),
    (b"X\x00: a",),
    (b"Content-Length: 5", b"Content-Length: 5"),
    (b"Content-Length: 5", b"Content-Length: 6"),
    (b"Content-Length: 5, 5",),
    (b"Content-Length: +5",),
    (b"Content-Length: -5",),
    (b"Content-Length: 0x5",),
    (b"Content-Length: 5 5",),
    (b"Content-Length: ",),
    (b"Content-Length: 99999999999999999999999999",),
    (b"Content-Length: 5", b"Transfer-Encoding: chunked"),
    (b"Transfer-Encoding: chunked", b"Content-Length: 5"),
    (b"Transfer-Encoding: chunked, chunked",),
    (b"Transfer-Encoding: chunked", b"Transfer-Encoding: chunked"),
    (b"Transfer-Encoding: chunked", b"Transfer-Encoding: identity"),
    (b"Transfer-Encoding: chunked, gzip",),
    (b"Transfer-Encoding: identity",),
    (b"Transfer-Encoding: gzip",),
    (b"Transfer-Encoding: xchunked",),
    (b"Transfer-Encoding: chunked;q=1",),
    (b"Transfer-Encoding: \x0bchunked",),
    (b"Transfer-Encoding: ",),
    (b"Transfer_Encoding: chunked", b"Content-Length: 1\n"),
]


@pytest.mark.parametrize("fields", FIELDS, ids=[str(fields) for fields in FIELDS])
def test_headers_that_two_servers_may_read_in_two_ways_are_refused(fields):
    with pytest.raises(HTTPError) as caught:
        headers_of(request(*fields))
    assert (caught.value.status, caught.value.close) == (400, True)


@pytest.mark.parametrize("codings", [[b"gzip, chunked"], [b"gzip", b"Chunked"], [b"x, chunked"]])
def test_a_coding_that_is_not_known_is_not_implemented(codings):
    with pytest.raises(HTTPError) as caught:
        headers_of(request(*(b"Transfer-Encoding: " + coding for coding in codings)))
    assert (caught.value.status, caught.value.close) == (501, True)


def test_chunks_are_for_http_1_1_alone():
    with pytest.raises(HTTPError):
        body_of(b"1.0", (), [b"chunked"])
    assert isinstance(body_of(b"1.1", (), [b" CHUNKED"]), Chunked)
    assert isinstance(body_of(b"1.0", [b"5"], ()), Counted)


@pytest.mark.parametrize(
    "offer",
    [
        (b"Connection: Upgrade, HTTP2-Settings", b"Upgrade: h2c", b"HTTP2-Settings: AAMAAABk"),
        (b"Connection: upgrade", b"Upgrade: websocket", b"Sec-WebSocket-Version: 13"),
        (b"Connection: Upgrade", b"Upgrade: TLS/1.0"),
        (b"Connection: Upgrade",),
        (b"Upgrade: h2c",),
    ],
)
def test_an_offered_upgrade_changes_nothing(offer):
    headers = headers_of(request(*offer, b"Content-Length: 5"))
    assert headers is not None
    assert headers.body.take(bytearray(b"GET / ")) == b"GET /"
    assert headers.keep_alive
    chunked = headers_of(request(*offer, b"Transfer-Encoding: chunked"))
    assert chunked is not None
    assert chunked.body.take(bytearray(b"3\r\nGET\r\n0\r\n\r\nx")) == b"GET"


@pytest.mark.parametrize(
    ("fields", "line", "kept"),
    [
        ((), b"GET / HTTP/1.1", True),
        ((b"Connection: close",), b"GET / HTTP/1.1", False),
        ((b"Connection: Upgrade,  Close",), b"GET / HTTP/1.1", False),
        ((b"Connection: x", b"Connection: close"), b"GET / HTTP/1.1", False),
        ((b"Connection: closed",), b"GET / HTTP/1.1", True),
        ((b"Connection: keep-alive",), b"GET / HTTP/1.0", False),
    ],
)
def test_a_connection_is_kept_where_both_sides_know_it(fields, line, kept):
    headers = headers_of(request(*fields, line=line))
    assert headers is not None
    assert headers.keep_alive is kept


def test_an_absolute_target_says_the_host():
    headers = headers_of(request(line=b"GET http://other:80?a HTTP/1.1"))
    assert headers is not None
    assert (headers.path, headers.query, headers.fields[0]) == ("/", b"a", (b"host", b"other:80"))


@pytest.mark.parametrize("size", [64 * 1024 - 1, 64 * 1024, 66_000, 1 << 20])
@pytest.mark.parametrize("step", [1 << 20, 4096])
def test_headers_have_64_kib_at_most_in_however_many_packets(size, step):
    empty = len(request(b"X: "))
    text = request(b"X: " + b"a" * (size - empty))
    assert len(text) == size
    if size <= 64 * 1024:
        assert headers_of(text, step=step) is not None
        return
    with pytest.raises(HTTPError, match="larger than 65536 bytes"):
        headers_of(text, step=step)


def test_headers_have_256_fields_at_most():
    assert headers_of(request(*[b"a: b"] * 255)) is not None
    with pytest.raises(HTTPError):
        headers_of(request(*[b"a: b"] * 256))


def read(text: bytes, *, step: int = 1 << 20) -> tuple[bytes, bytes]:
    """A chunked body, and what is behind it."""
    body, buffer, found = Chunked(), bytearray(), b""
    for begin in range(0, len(text), step):
        buffer += text[begin : begin + step]
        found += body.take(buffer)
        if body.done:
            return found, bytes(buffer) + text[begin + step :]
    raise EOFError


@pytest.mark.parametrize("step", [1, 2, 3, 1000])
def test_chunks_are_read_in_any_steps_and_nothing_behind_them(step):
    text = b'5\r\nhello\r\n06;a=b;c="d"\r\n world\r\n0;x\r\nA: b\r\nContent-Length: 9\r\n\r\nGET /'
    assert read(text, step=step) == (b"hello world", b"GET /")


@settings(max_examples=100, deadline=None)
@given(st.lists(st.binary(min_size=1, max_size=40), max_size=8), st.integers(1, 50), st.binary())
def test_any_chunks_are_read(chunks, step, behind):
    text = b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n\r\n"
    assert read(text + behind, step=step) == (b"".join(chunks), behind)


BAD_CHUNKS = [
    b"zz\r\n",
    b"z",
    b"\r\n",
    b"-1\r\n",
    b"+1\r\na\r\n",
    b"0x1\r\na\r\n",
    b" 1\r\na\r\n",
    b"1 \r\na\r\n",
    b"1\na\n",
    b"1\r\na\n",
    b"1\r\nab\r\n",
    b"1\r\naX",
    b"1_0\r\n",
    b"10000000000000000\r\n",
    b"FFFFFFFFFFFFFFFFF\r\n",
    b"1;a\nb\r\na\r\n",
    b"1;\x00\r\na\r\n",
    b"1;" + b"a" * 5000,
    b"1;" + b"a" * 5000 + b"\r\na\r\n",
    (b"1;" + b"a" * 100 + b"\r\na\r\n") * 50,
    b"1\r\na\r\n" * 65537,
    b"0\r\na: b\n\r\n",
    b"0\r\n: b\r\n\r\n",
    b"0\r\na\r\n\r\n",
    b"0\r\n a: b\r\n\r\n",
    b"0\r\na : b\r\n\r\n",
    b"0\r\na: \x00\r\n\r\n",
    b"0\r\n\n",
    b"0\r\n" + b"a:\r\n" * 1100,
    b"0\r\na: " + b"b" * 5000,
]


@pytest.mark.parametrize("text", BAD_CHUNKS, ids=[str(text[:20]) for text in BAD_CHUNKS])
@pytest.mark.parametrize("step", [1 << 20, 1])
def test_chunks_that_are_not_exactly_right_are_refused(text, step):
    if step == 1 and len(text) > 10_000:
        step = 4096
    with pytest.raises(HTTPError) as caught:
        read(text, step=step)
    assert (caught.value.status, caught.value.close) == (400, True)


def test_a_trailer_of_4_kib_is_dropped():
    assert read(b"0\r\n" + b"a: b\r\n" * 600 + b"\r\nx") == (b"", b"x")


def test_nothing_is_kept_of_a_trailer_in_the_buffer():
    body, buffer = Chunked(), bytearray(b"0\r\n")
    for _ in range(100):
        buffer += b"a: b\r\n"
        body.take(buffer)
        assert len(buffer) < 10
