"""Every server that is compared: how it is started, how it is asked, what it says."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.peers.model import PeerModel
from benchmarks.peers.plan import THREADS
from benchmarks.plan import PRECISIONS, Precision

__all__ = ["SUBJECTS", "Subject", "baseline"]

SERVERS = Path(__file__).parent / "servers"
INFINITY = "infinity_emb v2 --engine torch --device cpu --no-bettertransformer"
Scores = dict[str, float]
Command = Callable[[PeerModel, Path, int], list[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """One server of one precision."""

    name: str
    what: str
    """One line for the table's legend."""
    precision: Precision
    environment: str | None
    """Of ``requirements/NAME.txt``; None: burnish's own."""
    command: Command
    """From the model, the folder of the environment's commands and a port."""
    route: str
    body: Callable[[Any], object]
    """From a text (or from whatever a fault puts in its place) to the JSON asked."""
    bodies: Callable[[list[Any]], object] | None = None
    """From a list to the JSON asked, where it takes lists."""
    read: Callable[[Any], Scores]
    variables: Mapping[str, str] = field(default_factory=dict)
    """Beyond those that all get; ``{bundle}`` is replaced."""

    def encode(self, text: object) -> bytes:
        """The body that asks a text."""
        return json.dumps(self.body(text)).encode()

    def scores(self, content: bytes) -> Scores:
        """Scores by label of a reply."""
        return self.read(json.loads(content))


def baseline(precision: Precision) -> str:
    """The name of burnish's own subject of a precision."""
    return f"burnish {precision}"


def _ranked(entries: Any) -> Scores:
    return {entry["label"]: float(entry["score"]) for entry in entries}


def _burnish(precision: Precision) -> Subject:
    def command(model: PeerModel, _: Path, port: int) -> list[str]:
        serve = [sys.executable, "-m", "burnish", "serve", str(model.bundles[precision])]
        return [*serve, "--threads", str(THREADS), "--port", str(port)]

    def body(text: Any) -> object:
        return {"inputs": text, "parameters": {"top_k": 10}}

    return Subject(
        name=baseline(precision),
        what="`burnish serve --threads 2`",
        precision=precision,
        environment=None,
        command=command,
        route="/classify",
        body=body,
        bodies=body,
        read=_ranked,
    )


def _of_script(
    name: str,
    what: str,
    precision: Precision,
    *,
    environment: str,
    command: Command | None = None,
) -> Subject:
    """A peer with the handler around tokenizers and ONNX Runtime."""

    def script(model: PeerModel, folder: Path, port: int) -> list[str]:
        server = SERVERS / f"serve_{environment}.py"
        given = [str(model.bundles[precision]), str(port), str(THREADS)]
        return [str(folder / "python"), str(server), *given]

    return Subject(
        name=f"{name} {precision}",
        what=what,
        precision=precision,
        environment=environment,
        command=command or script,
        route="/inference" if environment == "mosec" else "/predict",
        body=lambda text: {"text": text},
        read=lambda reply: _ranked(reply["scores"]),
        variables={"MODEL": "{bundle}", "THREADS": str(THREADS)},
    )


def _mosec(_: PeerModel, folder: Path, port: int) -> list[str]:
    server = [str(folder / "python"), str(SERVERS / "serve_mosec.py")]
    return [*server, "--address", "127.0.0.1", "--port", str(port)]


def _bentoml(precision: Precision) -> Subject:
    def command(_: PeerModel, folder: Path, port: int) -> list[str]:
        serve = [str(folder / "bentoml"), "serve", "serve_bentoml:Classifier"]
        return [*serve, "--working-dir", str(SERVERS), "--host", "127.0.0.1", "--port", str(port)]

    return Subject(
        name=f"BentoML {precision}",
        what="`batchable=True, max_batch_size=32, max_latency_ms=1000`; our handler",
        precision=precision,
        environment="bentoml",
        command=command,
        route="/classify",
        body=lambda text: {"texts": [text]},
        bodies=lambda texts: {"texts": texts},
        read=lambda reply: _ranked(reply[0]),
        variables={"MODEL": "{bundle}", "THREADS": str(THREADS)},
    )


def _infinity(model: PeerModel, folder: Path, port: int) -> list[str]:
    command, *options = INFINITY.split()
    given = ["--model-id", str(model.hugging_face), "--served-model-name", "peers"]
    place = ["--host", "127.0.0.1", "--port", str(port), "--no-trust-remote-code"]
    return [str(folder / command), *options, *given, *place]


def _fastapi(model: PeerModel, folder: Path, port: int) -> list[str]:
    server = [str(folder / "python"), str(SERVERS / "serve_fastapi.py")]
    return [*server, str(model.hugging_face), str(port), str(THREADS)]


SUBJECTS: tuple[Subject, ...] = (
    _burnish("fp32"),
    _burnish("int8"),
    Subject(
        name="Infinity",
        what=f"`{INFINITY}`: torch, batches sorted by length, at most 32",
        precision="fp32",
        environment="infinity",
        command=_infinity,
        route="/classify",
        body=lambda text: {"model": "peers", "input": [text]},
        bodies=lambda texts: {"model": "peers", "input": texts},
        read=lambda reply: _ranked(reply["data"][0]),
    ),
    Subject(
        name="FastAPI",
        what="a transformers pipeline in an `async def`: torch, one text at a time",
        precision="fp32",
        environment="fastapi",
        command=_fastapi,
        route="/predict",
        body=lambda text: {"inputs": text},
        bodies=lambda texts: {"inputs": texts},
        read=lambda reply: _ranked(reply[0] if isinstance(reply[0], list) else reply),
    ),
    *(
        _of_script(
            "LitServe",
            "`max_batch_size=8, batch_timeout=0.01`; our handler",
            precision,
            environment="litserve",
        )
        for precision in PRECISIONS
    ),
    *(
        _of_script(
            "mosec",
            "`max_batch_size=8, max_wait_time=10`; our handler",
            precision,
            environment="mosec",
            command=_mosec,
        )
        for precision in PRECISIONS
    ),
    _bentoml("fp32"),
    _bentoml("int8"),
    *(
        _of_script(
            "TEI's way",
            "text-embeddings-inference's algorithm, emulated: what waits, at most 8, padded",
            precision,
            environment="padded",
        )
        for precision in PRECISIONS
    ),
)
"""burnish first; then the peers."""
