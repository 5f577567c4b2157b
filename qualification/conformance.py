"""The API against its own description, by schemathesis."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from qualification.bench import TASKS, Bench, make_tiny
from qualification.rows import Measurement, Row, not_measured
from qualification.servers import Served

__all__ = ["ROWS"]

_SEED = 13
_ROUND = 600
"""Cases of one process: its memory grows with them, and at 2,000 reached 23 GB."""
PINNED = "schemathesis==4.32.5"
HOOKS = Path(__file__).with_name("conformance_hooks.py")
CONFIG = """\
# A body over 1 MiB is refused before it is parsed, whatever it holds.
[checks.negative_data_rejection]
# One that comes with a deadline of a millisecond may be too late before it is found to be wrong.
expected-statuses = [400, 401, 403, 404, 405, 406, 413, 415, 422, 429, 504]

# A client that asks for its answer within a millisecond is told, as documented, that it is late.
[checks.not_a_server_error]
expected-statuses = ["2xx", "3xx", "4xx", 504]

# No description tells which task's body the model of a path takes; the tasks' own routes do.
[[operations]]
include-path = "/models/{name}"
[operations.checks.positive_data_acceptance]
expected-statuses = ["2xx", 401, 403, 404, 422, 504]
"""


def measure_conformance(bench: Bench) -> Measurement:
    """Every check of schemathesis, over requests that fit the description and that do not."""
    if importlib.util.find_spec("schemathesis") is None:
        return not_measured(f"pip install {PINNED}")
    wanted = bench.pick(20_000, 200, control=500)
    found: list[dict[str, Any]] = []
    cases = 0
    with bench.serving(_bundles(bench)) as served:
        while cases < wanted and len(found) <= 2 * wanted // _ROUND:
            seed = _SEED + len(found)
            found.append(_run(served, bench.folder, min(wanted, _ROUND), seed=seed))
            cases += found[-1]["test_cases"]["generated"]
        alive = served.is_ready()
    failures = [failure for each in found for failure in each["failures"]]
    errors = [error for each in found for error in each["errors"]]
    kinds = sorted({f"{f['title']}: {', '.join(f['operations'])}" for f in failures})
    figure = f"{cases:,} cases, {len(kinds)} kinds of failure" + (
        f" ({'; '.join(kinds)})" if kinds else ""
    )
    refuted = _refuted(bench.folder)
    if refuted.exists():
        claims = len(refuted.read_text(encoding="utf-8").splitlines())
        figure += f"; {claims} claims refuted by jsonschema-rs"
    passed = cases >= wanted and not failures and not errors and alive
    return Measurement(figure, passed, {"failures": failures, "errors": errors})


def _bundles(bench: Bench) -> Path:
    """All three tasks. No schema tells how many tokens a question has, so windows are as usual."""
    place = bench.bundles / "conformance"
    place.mkdir(parents=True, exist_ok=True)
    for task in TASKS:
        if not (place / task).exists():
            make_tiny(place / task, task, max_length=512, stride=128)
    return place


def _refuted(folder: Path) -> Path:
    return folder / "refuted.txt"


def _run(served: Served, folder: Path, wanted: int, *, seed: int) -> dict[str, Any]:
    report = folder / f"schemathesis-{seed}.json"
    # The others' requests do not depend on the seed, and so are sent, and counted, once.
    phases = "examples,coverage,fuzzing" if seed == _SEED else "fuzzing"
    (folder / "schemathesis.toml").write_text(CONFIG, encoding="utf-8")
    # Four operations take bodies; the others have few different requests.
    examples = wanted * 27 // 100
    command = [
        *(sys.executable, "-m", "schemathesis.cli", "--config-file", "schemathesis.toml", "run"),
        *(f"http://127.0.0.1:{served.port}/openapi.json", "--checks", "all"),
        *("--max-examples", str(examples), "--continue-on-failure", "--no-shrink"),
        *("--phases", phases, "--seed", str(seed), "--workers", "2"),
        *("--suppress-health-check", "all", "--warnings", "off"),
        *("--report", "json", "--report-json-path", str(report)),
    ]
    environment = os.environ | {
        "SCHEMATHESIS_HOOKS": str(HOOKS),
        "REFUTED": str(_refuted(folder)),
    }
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    if not report.exists() or not report.stat().st_size:
        said = (done.stderr or done.stdout)[-500:]
        raise RuntimeError(f"schemathesis ended with {done.returncode}: {said}")
    found: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
    if found["errors"]:  # of schemathesis itself: the report has but their titles
        found["errors"].append({"seed": seed, "output": done.stdout[-4000:]})
    return found


ROWS = (
    Row(
        name="conformance",
        test="API conformance",
        anchor="none published",
        bar="schemathesis, all checks, >= 20,000 cases, 0 failures",
        measure=measure_conformance,
        guards=("other-envelope",),
        timed=False,
    ),
)
