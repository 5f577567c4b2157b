"""Keys: at rest, in comparison, in scope, in time, and exchanged under load."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from qualification.bench import Bench
from qualification.callers import Stream, send, sending
from qualification.exchange import Reply
from qualification.rows import Measurement, Row
from qualification.servers import ROOT, Served
from qualification.texts import documents, text_of

__all__ = ["ROWS"]

SEEN_S = 1.5
"""A server follows its key file within a second."""
SLOWDOWN = 2.0
QUICK_CAPACITY = 40.0
BODY = {"inputs": "my card"}


def _create(keys: Path, name: str, *more: str) -> tuple[str, str]:
    """A new key, and its identifier."""
    command = ["keys", "create", "--keys", str(keys), "--name", name, *more, "--json"]
    done = subprocess.run(
        [sys.executable, "-m", "burnish", *command],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    document = json.loads(done.stdout)
    return document["key"], document["id"]


def _revoke(keys: Path, identifier: str) -> None:
    command = ["keys", "revoke", identifier, "--keys", str(keys)]
    subprocess.run([sys.executable, "-m", "burnish", *command], cwd=ROOT, check=True,
                   capture_output=True)  # fmt: skip


def _bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def measure_keys(bench: Bench) -> Measurement:
    """Each promise about keys, one after the other."""
    keys = bench.folder / "keys.json"
    plain, _ = _create(keys, "ward")
    metrics, _ = _create(keys, "prometheus", "--scope", "metrics")
    narrow, _ = _create(keys, "narrow", "--model", "tiny-extraction")
    ends = datetime.now(UTC) + timedelta(seconds=12)
    short, _ = _create(keys, "short", "--expires", ends.isoformat())
    found: dict[str, bool] = {}
    stored = keys.read_bytes()
    secrets = [key.rpartition("_")[2].encode() for key in (plain, metrics, narrow, short)]
    found["hashed at rest"] = (
        not any(s in stored for s in secrets) and keys.stat().st_mode & 0o77 == 0
    )
    found["compared in constant time"] = _compares_digests()
    with bench.serving(bench.tiny(), options=("--keys", str(keys))) as served:

        def ask(key: str, path: str = "/classify", method: str = "POST") -> Reply:
            content = BODY if method == "POST" else None
            return served.ask(method, path, content, headers=_bearer(key))

        found["scoped"] = (
            ask(plain).status == 200
            and ask(plain, "/metrics", "GET").status == 403
            and ask(metrics).status == 403
            and ask(metrics, "/metrics", "GET").status == 200
            and ask(narrow).status in (403, 404)
            and ask(narrow, "/extract").status == 200
            and served.ask("POST", "/classify", BODY).status == 401
        )
        before = ask(short).status
        time.sleep(max(0.0, (ends - datetime.now(UTC)).total_seconds()) + 0.1)
        found["expiring"] = before == 200 and ask(short).status == 401
        rotated, errors = _rotate(served, keys, bench.pick(10, 2))
        found["rotated under load without an error"] = rotated > 0 and not errors
    figure = ", ".join(name if good else f"NOT {name}" for name, good in found.items())
    figure += f" ({rotated:,} answers, {errors} errors)"
    return Measurement(figure, all(found.values()), dict(found))


def _compares_digests() -> bool:
    """By its source: whatever a caller sends is compared by ``hmac.compare_digest`` alone."""
    from burnish.service.access import keyring

    tree = ast.parse(Path(keyring.__file__).read_text(encoding="utf-8"))
    (method,) = (n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef) and n.name == "caller")
    names = [n.func.id for n in ast.walk(method)
             if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)]  # fmt: skip
    compared = [ast.unparse(n) for n in ast.walk(method) if isinstance(n, ast.Compare)]
    return names.count("compare_digest") >= 2 and not any(
        "digest ==" in text or "== digest" in text or "key ==" in text for text in compared
    )


def _rotate(served: Served, keys: Path, times: int) -> tuple[int, int]:
    """New key in use, old one revoked, again and again: answers and errors of the callers."""
    answers = errors = 0
    key, identifier = _create(keys, "caller-0")
    time.sleep(SEEN_S)
    for number in range(times):
        new, new_identifier = _create(keys, f"caller-{number + 1}")
        streams = {
            name: Stream(path="/classify", contents=[BODY], callers=2, headers=_bearer(each))
            for name, each in (("old", key), ("new", new))
        }
        time.sleep(SEEN_S)  # within this, the server knows the new one
        found = send(served.port, streams, seconds=0.5)
        _revoke(keys, identifier)
        after = send(served.port, {"new": streams["new"]}, seconds=SEEN_S)
        for traffic in (*found.values(), *after.values()):
            answers += len(traffic.of(200))
            errors += len(traffic.records) - len(traffic.of(200))
        closed = served.ask("POST", "/classify", BODY, headers=_bearer(key)).status
        errors += closed != 401
        key, identifier = new, new_identifier
    return answers, errors


def measure_fairness(bench: Bench) -> Measurement:
    """A caller of one request a second, alone and while another key sends all it can."""
    keys = bench.folder / "keys.json"
    (calm, _), (flood, _) = _create(keys, "calm"), _create(keys, "flood")
    seconds = bench.pick(40, 3, control=15)
    contents = documents(32, longest=bench.pick(400, 600, control=400), seed=7)
    quiet = Stream(path="/classify", contents=[{"inputs": text_of(24, 1)}], rate=bench.pick(1, 4),
                   headers=_bearer(calm))  # fmt: skip
    with bench.serving(bench.shaped(), options=("--keys", str(keys))) as served:
        closed = Stream(path="/classify", contents=contents, callers=16, headers=_bearer(flood))
        capacity = send(served.port, {"all": closed}, seconds=seconds / 4)["all"].rate()
        if bench.quick:  # a tiny model answers more a second than the callers can send
            capacity = min(capacity, QUICK_CAPACITY)
        time.sleep(1)
        alone = send(served.port, {"calm": quiet}, seconds=seconds / 2)["calm"]
        flooding = Stream(
            path="/classify", contents=contents, rate=4 * capacity, headers=_bearer(flood)
        )
        with sending(served.port, {"flood": flooding}, seconds=seconds + 2) as load:
            time.sleep(2)
            beside = send(served.port, {"calm": quiet}, seconds=seconds)["calm"]
            flooded = load.finish()["flood"]
    p90 = [traffic.latency_ms(90) for traffic in (alone, beside)]
    refused = len(beside.records) - len(beside.of(200))
    rejected = len(flooded.of(429)) / max(1, len(flooded.records))
    figure = (
        f"p90 {p90[1]:.1f} ms beside a flood of 4 x capacity, {p90[0]:.1f} ms alone: "
        f"{p90[1] / p90[0]:.2f} x; {refused} of {len(beside.records)} refused "
        f"(of the flood {rejected:.0%})"
    )
    good = refused == 0 and bool(beside.records) and p90[1] <= SLOWDOWN * p90[0]
    median = float(np.median([r.latency_s for r in beside.records])) * 1e3
    return Measurement(figure, good, {"median_ms": median, "flood": flooded.statuses()})


ROWS = (
    Row(
        name="keys",
        test="keys",
        anchor="TorchServe tokens",
        bar="hashed at rest, compared in constant time, scoped, expiring, rotated under load "
        "without an error",
        measure=measure_keys,
        guards=("keys-for-ever",),
        timed=False,
    ),
    Row(
        name="fairness",
        test="a caller of one request a second while another key floods",
        anchor="none",
        bar="0 refused, p90 <= 2 x alone",
        measure=measure_fairness,
        guards=("one-queue",),
    ),
)
