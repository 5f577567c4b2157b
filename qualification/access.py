"""Access under accidents: key files, strangers, audit logs, panics, and other users."""

from __future__ import annotations

import json
import os
import resource
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import psutil

from qualification.bench import Bench
from qualification.callers import Stream, send
from qualification.exchange import connect, read_reply, request_bytes
from qualification.keys import _bearer, _create, _revoke
from qualification.rows import Measurement, Row
from qualification.servers import ROOT, Served

__all__ = ["ROWS"]

BODY = {"inputs": "my card"}
REFUSED_S = 2.0
NOTICED_S = 1.5
"""A second, and what the question takes."""
SLOWDOWN = 2.0
"""The program that guesses works on the same processors."""
PANICS = "the panic of the week"


def _soon(holds: Callable[[], bool], *, within_s: float = 10.0) -> float:
    """Seconds until something holds; infinite where it does not."""
    begin = time.monotonic()
    while time.monotonic() - begin < within_s:
        if holds():
            return time.monotonic() - begin
        time.sleep(0.05)
    return float("inf")


def _limit(served: Served, what: int, soft: int) -> None:
    _, hard = resource.prlimit(served.pid, what)
    resource.prlimit(served.pid, what, (hard if soft < 0 else soft, hard))


def measure_revocation(bench: Bench) -> Measurement:
    """A key is revoked while the server has no descriptor left, or the file is gone."""
    keys = bench.folder / "keys.json"
    keeper, _ = _create(keys, "keeper")
    found: dict[str, float] = {}
    with bench.serving(bench.tiny("classification"), options=("--keys", str(keys))) as served:
        for name in ("no descriptor", "a directory", "open to others"):
            key, identifier = _create(keys, name)
            revoked = keys.with_suffix(".revoked")
            shutil.copy2(keys, revoked)
            _revoke(revoked, identifier)
            time.sleep(NOTICED_S)
            with connect(served.port) as connection:
                before = _ask(connection, key)
                repair = _broken(served, keys, revoked, how=name)
                for _ in range(5):  # the server looks, and cannot read it
                    time.sleep(0.5)
                    _ask(connection, keeper)
                repair()
                within = _soon(partial(_is_refused, connection, key))
                found[name] = within if before == 200 else float("inf")
    worst = max(found.values())
    return Measurement(
        f"refused {worst:.1f} s after the file can be read ({', '.join(found)})",
        worst <= REFUSED_S,
        dict(found),
    )


def _ask(connection: socket.socket, key: str) -> int:
    connection.sendall(request_bytes("GET", "/models", headers=_bearer(key)))
    return read_reply(connection, 0.0).status


def _is_refused(connection: socket.socket, key: str) -> bool:
    return _ask(connection, key) == 401


def _broken(served: Served, keys: Path, revoked: Path, *, how: str) -> Callable[[], object]:
    """Put a file in place in which a key is revoked, unreadable at first; what repairs that."""
    if how == "no descriptor":
        _limit(served, resource.RLIMIT_NOFILE, psutil.Process(served.pid).num_fds())
        revoked.replace(keys)
        return partial(_limit, served, resource.RLIMIT_NOFILE, -1)
    if how == "open to others":
        revoked.chmod(0o644)
        revoked.replace(keys)
        return partial(keys.chmod, 0o600)
    keys.unlink()
    keys.mkdir()

    def repair() -> None:
        keys.rmdir()
        revoked.replace(keys)

    return repair


def measure_strangers(bench: Bench) -> Measurement:
    """A caller with a key, alone and beside an address that guesses as fast as it is answered."""
    keys, log = bench.folder / "keys.json", bench.folder / "audit.jsonl"
    key, _ = _create(keys, "ward")
    seconds = bench.pick(30, 6)
    quiet = Stream(path="/classify", contents=[BODY], rate=20, even=True, headers=_bearer(key))
    options = ("--keys", str(keys), "--audit", str(log))
    with bench.serving(bench.tiny("classification"), options=options) as served:
        send(served.port, {"ward": quiet}, seconds=2)
        alone = send(served.port, {"ward": quiet}, seconds=seconds)["ward"]
        command = [sys.executable, "-m", "qualification.guesser"]
        words = [str(served.port), str(seconds + 2), "64"]
        with subprocess.Popen([*command, *words], stdout=subprocess.PIPE, cwd=ROOT) as guesser:
            time.sleep(1)
            beside = send(served.port, {"ward": quiet}, seconds=seconds)["ward"]
            output, _ = guesser.communicate()
    replies: dict[str, int] = json.loads(output)
    lines = _lines(log)
    own = [line for line in lines if line.get("status") in (401, 429) and not line["key_id"]]
    summed = [line for line in lines if line["kind"] == "turned_away"]
    told = len(own) + sum(line["count"] for line in summed)
    a_second = (len(own) + len(summed)) / (seconds + 2)
    p99 = [traffic.latency_ms(99) for traffic in (alone, beside)]
    answered = sum(count for status, count in replies.items() if status != "none")
    figure = (
        f"{answered / (seconds + 2):,.0f} guesses a second answered, {a_second:.1f} lines a second "
        f"for {told:,}; p99 {p99[1]:.1f} ms beside them, {p99[0]:.1f} ms alone: "
        f"{p99[1] / p99[0]:.2f} x"
    )
    good = a_second <= 1 and told >= answered and p99[1] <= SLOWDOWN * p99[0]
    good = good and len(beside.of(200)) == len(beside.records)
    return Measurement(figure, good, {"replies": replies, "ward": beside.statuses()})


def _lines(log: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.read_text(encoding="ascii").splitlines()]


def measure_audit_disk(bench: Bench) -> Measurement:
    """The audit log's disk is full (its file may not grow), and has room again."""
    log = bench.folder / "audit.jsonl"
    options = ("--audit", str(log))
    with bench.serving(bench.tiny("classification"), options=options) as served:
        served.ask("POST", "/classify", BODY)
        _limit(served, resource.RLIMIT_FSIZE, log.stat().st_size + 100)
        refused = served.ask("POST", "/classify", BODY).status
        unready_s = _soon(lambda: not served.is_ready())
        page = served.ask("GET", "/metrics")
        told = b'burnish_file_fault{file="audit"} 1.0' in page.content
        alive = served.ask("GET", "/livez").status
        _limit(served, resource.RLIMIT_FSIZE, -1)
        ready_s = _soon(served.is_ready)
        answered = served.ask("POST", "/classify", BODY).status
    figure = (
        f"{refused}; not ready after {unready_s:.1f} s, metrics {page.status} with the fault "
        f"{'told' if told else 'NOT TOLD'}; ready again {ready_s:.1f} s after there is room"
    )
    good = (refused, page.status, alive, answered) == (503, 200, 200, 200) and told
    return Measurement(figure, good and unready_s <= 1 and ready_s <= REFUSED_S)


CHANGES: dict[str, Callable[[Path], None]] = {
    "deleted": Path.unlink,
    "truncated": lambda log: os.truncate(log, 0),
    "shrunk": lambda log: os.truncate(log, log.stat().st_size // 2),
}


def measure_audit_changes(bench: Bench) -> Measurement:
    """Somebody deletes, empties or cuts the log of a running server; then it starts again."""
    found: dict[str, float] = {}
    again: list[str] = []
    for change, make in CHANGES.items():
        log = bench.folder / f"{change}.jsonl"
        options = ("--audit", str(log))
        with bench.serving(bench.tiny("classification"), options=options) as served:
            for _ in range(5):
                served.ask("POST", "/classify", BODY)
            make(log)
            found[change] = _soon(partial(_counted, served, change))
            named = served.log_text().count(f"{log}: the audit log was")
            going_on = served.ask("POST", "/classify", BODY).status == 200 and log.exists()
            if named != 1 or not going_on:
                found[change] = float("inf")
        again += [change] * _goes_on(bench, options)
    worst = max(found.values())
    figure = f"noticed within {worst:.1f} s ({', '.join(found)}); a restart goes on: {len(again)}/3"
    return Measurement(figure, worst <= NOTICED_S and len(again) == len(CHANGES), dict(found))


def _counted(served: Served, change: str) -> bool:
    """Whether the metrics tell of one change of a kind."""
    series = f'burnish_audit_changes_total{{change="{change}"}} 1.0'
    return series.encode() in served.ask("GET", "/metrics").content


def _goes_on(bench: Bench, options: tuple[str, ...]) -> bool:
    """Whether a restart answers."""
    try:
        with bench.serving(bench.tiny("classification"), options=options) as served:
            return served.ask("POST", "/classify", BODY).status == 200
    except RuntimeError:  # it does not start
        return False


def measure_panic(bench: Bench) -> Measurement:
    """The tokenizer panics at a text, alone and in a list."""
    log = bench.folder / "audit.jsonl"
    asked = bench.pick(200, 20)
    options = ("--audit", str(log))
    bundle = bench.tiny("classification")
    environment = {"RUST_BACKTRACE": "full"}
    with bench.serving(
        bundle, options=options, guards_off=("panics",), environment=environment
    ) as served:
        replies = [
            served.ask("POST", "/classify", {"inputs": [PANICS] if i % 2 else PANICS})
            for i in range(asked)
        ]
        alive = served.ask("POST", "/classify", BODY).status == 200
        time.sleep(1)
        printed = served.log_text().splitlines()
    audited = {line["request_id"] for line in _lines(log) if line.get("status") == 500}
    right = sum(
        reply.status == 500
        and b'"error_type": "internal"' in reply.content
        and reply.headers.get("x-request-id") in audited
        for reply in replies
    )
    foreign = sum(not line.startswith(("{", "burnish serves on")) for line in printed)
    figure = f"{right}/{asked} one envelope, audited; {foreign:,} lines of a trace on stderr"
    return Measurement(figure, right == asked and alive and foreign == 0)


ROWS = (
    Row(
        name="revocation",
        test="key file unreadable for a moment (no descriptor left, replaced, open to others), "
        "and a key revoked meanwhile",
        anchor="none",
        bar="refused <= 2 s after the file can be read",
        measure=measure_revocation,
        guards=("looks-once",),
        timed=False,
    ),
    Row(
        name="strangers",
        test="64 connections of one address guess keys as fast as they are answered",
        anchor="none",
        bar="<= 1 line a second in the audit log, each guess told; p99 of another <= 2 x",
        measure=measure_strangers,
        guards=("strangers-at-will",),
    ),
    Row(
        name="audit-disk",
        test="audit disk full",
        anchor="none",
        bar="503, not ready <= 1 s, metrics served with the fault, ready again <= 2 s",
        measure=measure_audit_disk,
        guards=("blind-readiness",),
        timed=False,
    ),
    Row(
        name="audit-changes",
        test="audit log deleted, emptied, cut while it is written",
        anchor="none",
        bar="logged and counted <= 1.5 s; a restart goes on",
        measure=measure_audit_changes,
        guards=("blind-log",),
        timed=False,
    ),
    Row(
        name="panic",
        test="the tokenizer panics",
        anchor="none",
        bar="500 in the one envelope with an ID, audited; no trace on stderr",
        measure=measure_panic,
        guards=("panics-pass",),
        timed=False,
    ),
)
