"""Models that are damaged, hostile, or exchanged while callers ask."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from qualification.bench import Bench, make_tiny
from qualification.callers import Record, Stream, sending
from qualification.hostile import hostile_directories
from qualification.rows import Measurement, Row
from qualification.servers import ROOT, Served

__all__ = ["ROWS"]

MODEL = "tickets"
ROUTE = f"/models/{MODEL}"
LABELS = (("billing", "delivery", "other"), ("delivery", "other", "billing"))
"""The same labels in another order, so that callers still know them: the best one tells versions
apart."""
SETTLE_S = 20.0


def measure_mutations(bench: Bench) -> Measurement:
    """Damage of many kinds to a new version; the old one goes on."""
    count = bench.pick(600, 30, control=60)
    command = [sys.executable, "-m", "qualification.mutated", str(bench.folder), str(count)]
    done = subprocess.run(
        [*command, ",".join(bench.weakened)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise RuntimeError(done.stderr[-500:])
    found = json.loads(done.stdout.splitlines()[-1])
    wrong, kinds = found["wrong"], found["kinds"]
    figure = f"{count - len(wrong)}/{count} refused by name, the old model answered after each"
    passed = not wrong and sum(kinds.values()) == count
    return Measurement(figure, passed, {"kinds": kinds, "wrong": wrong[:20]})


def measure_swaps(bench: Bench) -> Measurement:
    """Switch between two versions under load; each answer must be its digest's."""
    swaps = bench.pick(100, 4, control=20)
    models = bench.folder / "models"
    for version, labels in zip("12", LABELS, strict=True):
        make_tiny(models / MODEL / version, "classification", name=MODEL, labels=labels)
    stream = Stream(path=ROUTE, contents=[{"inputs": "my card"}], callers=8, keep=True)
    with bench.serving(models) as served:
        digests: dict[str, str] = {}
        for version in "21":
            digests[_switch(served, models, version, digests)] = version
        with sending(served.port, {"all": stream}, seconds=3600) as load:
            time.sleep(0.5)
            for number in range(swaps):
                _switch(served, models, "21"[number % 2], digests)
            load.process.send_signal(signal.SIGTERM)
            records = load.finish()["all"].records
    return _swap_figures(records, digests, swaps)


def _switch(served: Served, models: Path, version: str, known: dict[str, str]) -> str:
    """Activate a version, and wait until it answers; its digest."""
    command = ["models", "activate", str(models), MODEL, version]
    subprocess.run(
        [sys.executable, "-m", "burnish", *command], cwd=ROOT, check=True, capture_output=True
    )
    served.process.send_signal(signal.SIGHUP)
    end, wanted = time.monotonic() + SETTLE_S, LABELS[int(version) - 1][0]
    while time.monotonic() < end:
        reply = served.ask("POST", ROUTE, {"inputs": "my card"})
        if reply.status == 200 and _best(reply.content) == wanted:
            return reply.headers["x-burnish-model"]
        time.sleep(0.01)
    raise RuntimeError(f"version {version} did not come: {served.log_text()[-500:]} {known}")


def _swap_figures(records: tuple[Record, ...], digests: dict[str, str], swaps: int) -> Measurement:
    errors = [record for record in records if record.status != 200]
    mixed = [r for r in records if r.status == 200 and not _is_of_its_digest(r, digests)]
    figure = f"{swaps} swaps, {len(records):,} answers: {len(errors)} errors, {len(mixed)} mixed"
    enough = len(records) >= swaps and len(digests) == 2
    return Measurement(figure, enough and not errors and not mixed)


def _is_of_its_digest(record: Record, digests: dict[str, str]) -> bool:
    version = digests.get(record.model)
    return version is not None and LABELS[int(version) - 1][0] == _best(record.content)


def _best(content: str | bytes) -> str:
    """The best label of a nested reply."""
    return str(json.loads(content)[0][0]["label"])


def measure_hostile(bench: Bench) -> Measurement:
    """Directories that would run, read or write something, each as the newest version."""
    outside = bench.folder / "outside"
    outside.mkdir()
    (outside / "secret.txt").write_text("a secret")
    models = bench.folder / "models"
    make_tiny(models / MODEL / "1", "classification", name=MODEL, labels=LABELS[0])
    cases = list(hostile_directories(outside))
    cases = cases[:: bench.pick(1, 6)]
    problems: list[str] = []
    # The newest version of a name is active; `9` is what each case makes.
    with bench.serving(models) as served:
        before = _snapshot(outside)
        for name, make in cases:
            problem = _try(served, models / MODEL / "9", make)
            if _snapshot(outside) != before:
                problem = "something outside was changed"
                before = _snapshot(outside)
            problems += [f"{name}: {problem}"] if problem else []
        log = served.log_text()
    refused = len(cases) - len(problems)
    figure = f"{refused}/{len(cases)} refused, nothing run, nothing written outside"
    if problems:
        figure += f" but for {len(problems)}: {'; '.join(problems)[:300]}"
    return Measurement(figure, not problems, {"problems": problems, "log": log[-3000:]})


def _try(served: Served, place: Path, make: object) -> str:
    """Lay a directory down, have it looked at, and take it away; what was wrong."""
    assert callable(make)
    refusals = served.log_text().count("refused")
    make(place)
    served.process.send_signal(signal.SIGHUP)
    end = time.monotonic() + SETTLE_S
    while time.monotonic() < end and served.log_text().count("refused") == refusals:
        if _digest_changed(served):
            break
        time.sleep(0.02)
    try:
        if served.process.poll() is not None:
            return "the server ended"
        if served.log_text().count("refused") == refusals:
            return "not refused"
        reply = served.ask("POST", ROUTE, {"inputs": "my card"})
        return "" if reply.status == 200 else f"the old model answered {reply.status}"
    finally:
        _remove(place)


def _digest_changed(served: Served) -> bool:
    reply = served.ask("GET", ROUTE)
    return reply.status != 200 or b'"version":"9"' in reply.content


def _remove(place: Path) -> None:
    subprocess.run(["rm", "-rf", "--", str(place)], check=True)


def _snapshot(folder: Path) -> dict[str, tuple[int, int]]:
    found = {}
    for path in sorted(folder.rglob("*")):
        status = path.lstat()
        found[os.fspath(path)] = (status.st_mtime_ns, status.st_size)
    return found


ROWS = (
    Row(
        name="mutations",
        test="corrupt or tampered bundle, 600 mutations",
        anchor="Triton: MD5",
        bar="600/600 refused by name, the old model keeps serving",
        measure=measure_mutations,
        guards=("no-digests", "no-trial"),
        timed=False,
    ),
    Row(
        name="hot-swap",
        test="hot swap x 100 under load",
        anchor="Triton keeps the old version",
        bar="0 errors, 0 mixed answers (each carries the model digest)",
        measure=measure_swaps,
        guards=("late-digest",),
        timed=False,
    ),
    Row(
        name="hostile-models",
        test="hostile model directories, 60",
        anchor="none",
        bar="60/60 refused, nothing run, nothing written outside",
        measure=measure_hostile,
        guards=("no-digests", "no-names", "no-trial"),
        timed=False,
    ),
)
