"""What is sent must be nowhere but in its own answer."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

from qualification.bench import Bench
from qualification.exchange import connect, exchange
from qualification.rows import Measurement, Row
from qualification.servers import Served

__all__ = ["ROWS"]

CANARY = re.compile(rb"zq[a-z]{14}xv", re.IGNORECASE)
KEY = "a-key-of-more-than-16-characters"
FORGED = "forged_7f3a"
"""No request ID: those have no underscore, and are a caller's to choose."""
JSON = {"Content-Type": "application/json"}


@dataclass(frozen=True, slots=True)
class Kind:
    """A way to send a canary, and what is answered."""

    method: str
    path: str
    body: bytes | None
    headers: Mapping[str, str] = field(default_factory=dict)
    key: bool = True


def _kinds(canary: str) -> dict[str, Kind]:
    """Every route and every class of error that a request's content can lead to."""
    c = canary

    def post(path: str, content: object, **headers: str) -> Kind:
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        return Kind("POST", path, body, {k.replace("_", "-"): v for k, v in headers.items()})

    question = {"question": f"is it {c}", "context": f"seven {c} days"}
    raw = c.encode()
    return {
        "classify": post("/classify", {"inputs": f"the {c} card"}),
        "classify list": post("/classify", {"inputs": [f"{c} week", "the card"]}),
        "extract": post("/extract", {"inputs": f"anna {c} paris"}),
        "answer": post("/answer", {"inputs": question}),
        "model": post("/models/tiny-classification", {"inputs": c}),
        "unknown key": post("/classify", {"inputs": "the", c: 1}),
        "unknown parameter": post("/classify", {"inputs": "the", "parameters": {c: c}}),
        "unknown model": post("/classify", {"inputs": "the", "model": c}),
        "model in the path": post(f"/models/{c}", {"inputs": "the"}),
        "wrong type": post("/classify", {"inputs": {c: c}}),
        "wrong item": post("/extract", {"inputs": [c, 7]}),
        "wrong value": post("/classify", {"inputs": "the", "parameters": {"top_k": c}}),
        "wrong literal": post("/extract", {"inputs": c, "parameters": {"aggregation_strategy": c}}),
        "not JSON": post("/classify", b'{"inputs": ' + raw),
        "not UTF-8": post("/classify", b'{"inputs": "\xff' + raw + b'"}'),
        "key twice": post("/classify", b'{"' + raw + b'": 1, "' + raw + b'": 2}'),
        "surrogate": post("/classify", b'{"inputs": "\\ud800' + raw + b'"}'),
        "NaN": post("/classify", b'{"inputs": "' + raw + b'", "model": NaN}'),
        "deep": post("/classify", b"[" * 40 + raw),
        "many": post("/classify", {"inputs": [c] * 257}),
        "blank context": post("/answer", {"inputs": {"question": c, "context": " "}}),
        "large": post("/classify", b'{"inputs": "' + raw * 60_000 + b'"}'),
        "form": post("/classify", raw, Content_Type="application/x-www-form-urlencoded"),
        "content type": post("/classify", b"{}", Content_Type=c),
        "encoding": post("/classify", b"{}", Content_Encoding=c),
        "deadline": post("/classify", {"inputs": f"{c} week " * 2000}, X_Burnish_Deadline_Ms="1"),
        "deadline header": post("/classify", {"inputs": "the"}, X_Burnish_Deadline_Ms=c),
        "path": Kind("GET", f"/{c}", None),
        "query": Kind("GET", f"/models?{c}={c}", None),
        "control in the path": Kind("GET", f"/models/%0a{c}", None),
        "method": Kind(c.upper(), "/classify", None),
        "wrong method": Kind("DELETE", f"/models/{c}", None),
        "host": Kind("GET", "/models", None, {"Host": f"{c}.example"}),
        "origin": Kind("GET", "/models", None, {"Origin": f"http://{c}.example"}),
        "agent": Kind("GET", "/models", None, {"User-Agent": c, "Cookie": c, "Referer": c}),
        "request ID": Kind("GET", "/models", None, {"X-Request-ID": f"{c} {c}"}),
        "wrong key": Kind("GET", "/models", None, {"Authorization": f"Bearer {c}"}, key=False),
        "other scheme": Kind("GET", "/models", None, {"Authorization": f"Basic {c}"}, key=False),
        "not HTTP": Kind("GET", f"/models {c}", None),
        "openapi": Kind("GET", f"/openapi.json?{c}", None),
        "metrics": Kind("GET", f"/metrics?{c}", None),
        "page": Kind("GET", f"/?{c}", None),
        "readyz": Kind("GET", f"/readyz?{c}", None),
        "livez": Kind("HEAD", f"/livez?{c}", None),
    }  # fmt: skip


ECHOES = {"extract", "answer"}
"""Kinds whose own answer quotes their own text."""


def measure_canaries(bench: Bench) -> Measurement:
    """A canary in each request; then everything that the server has left is searched."""
    count = bench.pick(5000, 300, control=300)
    chosen = random.Random(13)
    statuses: dict[str, set[int]] = {}
    leaks: list[str] = []
    with _private_server(bench) as served:
        for number in range(count):
            canary = "zq" + "".join(chosen.choices("abcdefghijklmnop", k=14)) + "xv"
            kinds = _kinds(canary)
            name = list(kinds)[number % len(kinds)]
            status, echoed = _send(served, kinds[name], canary)
            statuses.setdefault(name, set()).add(status)
            if echoed == "other" or (echoed and name not in ECHOES):
                leaks.append(f"the answer of {name!r}")
        _leave_early(served)
        places = dict(_places(served, bench.folder))
        leaks += [place for place, content in places.items() if CANARY.search(content)]
        core = Path(f"/proc/{served.pid}/limits").read_text(encoding="ascii")
        dumps = not re.search(r"Max core file size\s+0 ", core)
        last = served.is_ready()
    classes = sorted({status for each in statuses.values() for status in each})
    figure = (
        f"{len(leaks)} found after {count:,} requests of {len(statuses)} kinds (statuses "
        f"{', '.join(map(str, classes))}), in {len(places)} places; core dumps "
        f"{'on' if dumps else 'off'}"
    )
    if leaks:
        figure += f"; {'; '.join(sorted(set(leaks)))[:300]}"
    details = {"places": sorted(places), "statuses": {k: sorted(v) for k, v in statuses.items()}}
    return Measurement(figure, not leaks and not dumps and last, details)


def _private_server(bench: Bench) -> AbstractContextManager[Served]:
    (bench.folder / "key").write_text(KEY, encoding="ascii")
    for name in ("tmp", "home"):
        (bench.folder / name).mkdir()
    environment = {"TMPDIR": str(bench.folder / "tmp"), "HOME": str(bench.folder / "home")}
    return bench.serving(
        bench.tiny(),
        options=("--api-key-file", str(bench.folder / "key"), "--audit", "audit.jsonl"),
        environment=environment | {"BENTOML_HOME": str(bench.folder / "home" / "bentoml")},
    )


def _send(served: Served, kind: Kind, canary: str) -> tuple[int, str]:
    """The status, and whose canary the reply holds: ``own``, ``other`` or none."""
    headers = dict(JSON if kind.body is not None else {}) | dict(kind.headers)
    if kind.key:
        headers["Authorization"] = f"Bearer {KEY}"
    reply = exchange(served.port, kind.method, kind.path, kind.body, headers=headers)
    shown = reply.content + repr(reply.headers).encode()
    found = {match.lower() for match in CANARY.findall(shown)}
    if not found:
        return reply.status, ""
    return reply.status, "own" if found == {canary.encode()} else "other"


def _leave_early(served: Served) -> None:
    """Half a body, and nobody there any more."""
    for _ in range(5):
        with connect(served.port) as connection:
            connection.sendall(
                b"POST /classify HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5000\r\n"
                b"Content-Type: application/json\r\nAuthorization: Bearer "
                + KEY.encode()
                + b'\r\n\r\n{"inputs": "zqaaaaaaaaaaaaaaxv'
            )


def _places(served: Served, folder: Path) -> Iterator[tuple[str, bytes]]:
    """Everything that a server could leave a text in."""
    headers = {"Authorization": f"Bearer {KEY}"}
    for path in ("/metrics", "/models", "/openapi.json"):
        yield f"GET {path}", served.ask("GET", path, headers=headers).content
    for name in ("environ", "cmdline", "comm", "status"):
        yield f"/proc/PID/{name}", Path(f"/proc/{served.pid}/{name}").read_bytes()
    for task in Path(f"/proc/{served.pid}/task").iterdir():
        yield f"/proc/PID/task/{task.name}/comm", (task / "comm").read_bytes()
    for number, link in enumerate(Path(f"/proc/{served.pid}/fd").iterdir()):
        if link.is_file():  # of a deleted file too
            yield f"open file {number}", link.read_bytes()
    for entry in folder.rglob("*"):
        if entry.is_file() and not entry.is_symlink():
            yield str(entry.relative_to(folder)), entry.read_bytes()
        yield f"name {entry.name}", entry.name.encode()


def measure_injection(bench: Bench) -> Measurement:
    """Line ends, escapes and whole JSON lines wherever a log could hold what was sent."""
    line = json.dumps({"status": 200, "route": FORGED})
    hostile = (f"%0a{line}", f"%0d%0a{FORGED}", f"%1b[2K{FORGED}", f"%e2%80%a8{FORGED}",
               f"%00{FORGED}", f"\t{FORGED}", f'","x":"{FORGED}')  # fmt: skip
    count = bench.pick(40, 4)
    with _private_server(bench) as served:
        for _ in range(count):
            for text in hostile:
                _inject(served, text.replace(" ", "%20"))
        audit = bench.folder / "audit.jsonl"
        lines = audit.read_text(encoding="utf-8").split("\n") if audit.exists() else []
        announced, *logged = served.log_text().split("\n")
    audited = [text for text in lines if text]
    written = [text for text in logged if text]
    wrong = [text for text in audited + written if not _is_json(text)]
    forged = [text for text in [announced, *audited, *written] if FORGED in text]
    figure = (
        f"{len(forged)} forged; {len(audited):,} lines of the audit log and {len(written)} of the "
        f"log, {len(wrong)} of them no JSON"
    )
    enough = len(audited) >= count * len(hostile)
    return Measurement(
        figure, enough and not forged and not wrong, {"wrong": wrong[:5], "forged": forged[:5]}
    )


def _inject(served: Served, text: str) -> None:
    key = {"Authorization": f"Bearer {KEY}"}
    exchange(served.port, "GET", f"/models/{text}", headers=key)
    plain = text.replace("%0a", "\n ").replace("%0d", "")
    ways: tuple[Callable[[], object], ...] = (
        lambda: exchange(served.port, "GET", "/x", headers={**key, "X-Request-ID": plain}),
        lambda: exchange(served.port, "GET", "/x", headers={"User-Agent": plain}),
        lambda: exchange(served.port, "GET", "/x", headers={"Authorization": f"Bearer {plain}"}),
        lambda: exchange(
            served.port, "POST", "/classify", {"inputs": "the", plain: 1}, headers=key
        ),
        lambda: exchange(served.port, "POST", "/classify", {"inputs": plain, "model": plain},
                         headers=key),
    )  # fmt: skip
    for way in ways:
        way()


def _is_json(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return False


ROWS = (
    Row(
        name="canaries",
        test="privacy canaries in 5,000 requests over every route and error class",
        anchor="none",
        bar="0 found in logs, metrics, audit log, other answers, temporary files, process table; "
        "core dumps off",
        measure=measure_canaries,
        guards=("logs-bodies",),
        timed=False,
    ),
    Row(
        name="log-injection",
        test="log injection",
        anchor="Triton escapes",
        bar="0 forged lines, every line valid JSON (after the one that tells the address)",
        measure=measure_injection,
        guards=("raw-log",),
        timed=False,
    ),
)
