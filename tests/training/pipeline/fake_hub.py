"""A hub on the loopback address with one model, in the forms that huggingface_hub 2.4 asks for."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

__all__ = ["COMMIT", "ID", "FakeHub", "fake_hub"]

ID, COMMIT = "somebody/tiny-bert", "a" * 40


@dataclass
class FakeHub:
    """What it serves, and what was asked of it."""

    files: dict[str, bytes]
    url: str = ""
    asked: list[str] = field(default_factory=list)
    """Paths and ranges of the GET requests for files."""
    cut: dict[str, int] = field(default_factory=dict)
    """After so many bytes of a file the connection ends, once."""
    lies: dict[str, bytes] = field(default_factory=dict)
    """Sent in place of the file, which is described as it was."""


@contextmanager
def fake_hub(directory: Path, **more: bytes) -> Iterator[FakeHub]:
    """Serve a model's files, and others by their names with ``_`` for the dot."""
    files = {
        path.relative_to(directory).as_posix(): path.read_bytes()
        for path in directory.rglob("*")
        if path.is_file()
    }
    hub = FakeHub({**files, **{name.replace("_DOT_", "."): each for name, each in more.items()}})
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(hub))
    hub.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(hub: FakeHub) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

        def do_HEAD(self) -> None:
            self._answer(send=False)

        def do_GET(self) -> None:
            self._answer(send=True)

        def _answer(self, *, send: bool) -> None:
            if self.path.startswith(f"/api/models/{ID}"):
                self._send(json.dumps(_about(hub)).encode(), send=send, kind="application/json")
                return
            prefix = f"/{ID}/resolve/{COMMIT}/"
            name = self.path.partition("?")[0].removeprefix(prefix)
            if not self.path.startswith(prefix) or name not in hub.files:
                self._send(b"", send=send, status=404)
                return
            self._file(name, send=send)

        def _file(self, name: str, *, send: bool) -> None:
            content, wanted = hub.lies.get(name, hub.files[name]), self.headers.get("Range", "")
            begin = int(wanted.removeprefix("bytes=").partition("-")[0]) if wanted else 0
            if send:
                hub.asked.append(f"{name} {wanted}".strip())
            status = 206 if wanted else 200
            stop = hub.cut.pop(name, None) if send else None
            self._send(
                content[begin:],
                send=send,
                status=status,
                etag=hashlib.sha256(hub.files[name]).hexdigest(),
                stop=stop,
                span=f"bytes {begin}-{len(content) - 1}/{len(content)}" if wanted else "",
            )

        def _send(
            self,
            content: bytes,
            *,
            send: bool,
            status: int = 200,
            kind: str = "application/octet-stream",
            etag: str = "",
            stop: int | None = None,
            span: str = "",
        ) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.send_header("X-Repo-Commit", COMMIT)
            if status == 404:
                self.send_header("X-Error-Code", "RepoNotFound")
            if etag:
                self.send_header("ETag", f'"{etag}"')
            if span:
                self.send_header("Content-Range", span)
            self.end_headers()
            if send:
                self.wfile.write(content if stop is None else content[:stop])
            if stop is not None:
                self.close_connection = True

    return Handler


def _about(hub: FakeHub) -> dict[str, Any]:
    return {
        "id": ID,
        "modelId": ID,
        "sha": COMMIT,
        "cardData": {"license": "apache-2.0"},
        "siblings": [
            {
                "rfilename": name,
                "size": len(content),
                "blobId": "b" * 40,
                **(
                    {
                        "lfs": {
                            "sha256": hashlib.sha256(content).hexdigest(),
                            "size": len(content),
                            "pointerSize": 134,
                        }
                    }
                    if name.endswith(("safetensors", "bin"))
                    else {}
                ),
            }
            for name, content in hub.files.items()
        ],
    }
