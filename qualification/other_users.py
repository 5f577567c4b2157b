"""What other users of the machine can do to a server."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import psutil

from qualification.bench import Bench
from qualification.intruder import endpoints_of
from qualification.rows import Measurement, Row, not_measured
from qualification.servers import ROOT, Served, free_port

__all__ = ["ROWS"]

BENTOML = """
import sys
from qualification.guards import GUARDS
import qualification.access_guards
for name in filter(None, sys.argv.pop(1).split(",")): GUARDS[name]()
from bentoml_cli.cli import cli
cli()
"""


def measure_other_users(bench: Bench) -> Measurement:
    """Another user commands the process manager of `bentoml serve` to run a program."""
    if os.geteuid() != 0:
        return not_measured("to be another user, one has to be root first")
    public = bench.folder / "public"
    public.mkdir()
    public.chmod(0o777)
    for folder in (bench.folder, *bench.folder.parents[:2]):
        folder.chmod(folder.stat().st_mode | 0o011)
    found = {
        "bentoml serve": _intruded(bench, public / "bentoml", bento=True),
        "python -m service": _intruded(bench, public / "service", bento=False),
    }
    figure = "; ".join(
        f"{name}: {taken} of {endpoints} endpoints take commands"
        for name, (taken, endpoints) in found.items()
    )
    return Measurement(figure, all(taken == 0 for taken, _ in found.values()))


def _intruded(bench: Bench, marker: Path, *, bento: bool) -> tuple[int, int]:
    """How many endpoints of a server took another user's command, of how many it has."""
    port = free_port()
    words = ["-c", BENTOML, ",".join(bench.weakened), "serve", ".", "--host", "127.0.0.1"]
    command = [sys.executable, *(words if bento else ["-m", "service"]), "--port", str(port)]
    own = {
        "BURNISH_BUNDLES": str(bench.tiny("classification")),
        "BENTOML_DO_NOT_TRACK": "True",
        "PYTHONPATH": str(ROOT),
    }
    log = bench.folder / f"{marker.name}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, stdout=output, stderr=output, cwd=ROOT, env={**os.environ, **own}
        )
    served = Served(port, process, log)
    try:
        served.wait_ready()
        endpoints = endpoints_of(psutil.Process(process.pid))
        done = subprocess.run(
            [sys.executable, "-m", "qualification.intruder", str(marker), *endpoints],
            cwd=ROOT, capture_output=True, text=True, check=True,
        )  # fmt: skip
        time.sleep(1)
        return max(int(done.stdout), int(marker.exists())), len(endpoints)
    finally:
        served.stop()


ROWS = (
    Row(
        name="other-users",
        test="another user of the machine commands the process manager",
        anchor="BentoML: runs any command",
        bar="0 endpoints take a command",
        measure=measure_other_users,
        guards=("open-control-socket",),
        timed=False,
    ),
)
