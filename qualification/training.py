"""A training that is killed, stopped, starved of room, or begun twice."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from qualification.bench import Bench
from qualification.rows import Measurement, Row, not_measured
from qualification.servers import ROOT
from qualification.training_recipes import write_recipes

__all__ = ["ROWS"]

LEAVES_S = 1.0


def measure_kills(bench: Bench) -> Measurement:
    """Kill -9 at random moments, go on, and compare with an uninterrupted run."""
    found = _trainings(bench, "kill", str(bench.pick(200, 4, control=8)))
    figure = (
        f"{found['good']}/{found['sent']} resumed; {found['equal']} of {found['trainings']} "
        f"trainings end bit-equal; {found['going_on']} times from a checkpoint"
    )
    return Measurement(figure, found["good"] == found["sent"] and found["going_on"] > 0, found)


def measure_stops(bench: Bench) -> Measurement:
    """SIGTERM at random moments."""
    found = _trainings(bench, "stop", str(bench.pick(20, 2)))
    figure = (
        f"{found['good']}/{found['sent']} exit 143 and resume; {found['equal']} of "
        f"{found['trainings']} trainings end bit-equal"
    )
    return Measurement(figure, found["good"] == found["sent"], found)


def measure_disk(bench: Bench) -> Measurement:
    """A file system that is full while a checkpoint is written."""
    namespace = ["unshare", "--mount", "--map-root-user"]
    if shutil.which("unshare") is None:
        return not_measured("install util-linux")
    if subprocess.run([*namespace, "true"], capture_output=True, check=False).returncode != 0:
        return not_measured("no right to mount a file system")
    found = _trainings(bench, "disk", prefix=namespace)
    figure = (
        f"{'a clear error' if found['clear'] else 'no clear error'}, exit {found['code']}; the "
        f"last checkpoint is {'valid' if found['valid'] else 'not valid'}; with room again it ends "
        f"{'bit-equal' if not found['differing'] else 'otherwise'}"
    )
    passed = found["clear"] and found["code"] == 1 and found["valid"] and not found["differing"]
    return Measurement(figure, passed, found)


def measure_twice(bench: Bench) -> Measurement:
    """The same command again, while the first one still trains."""
    recipe = write_recipes(bench.folder)[0]
    command = [*_weak(bench), "train", str(recipe), "train.epochs=9999", "train.patience=9999"]
    place = bench.folder / ".tickets.training"
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL) as first:
        try:
            _wait_for(place)
            begin = time.monotonic()
            second = subprocess.run(
                command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
            )
            seconds = time.monotonic() - begin
            works = first.poll() is None
        except subprocess.TimeoutExpired:
            return Measurement("the second trains too", passed=False)
        finally:
            first.kill()
    named = f"process {first.pid} on " in second.stderr
    figure = (
        f"the second leaves after {seconds:.2f} s, exit {second.returncode}, and "
        f"{'names the owner' if named else 'does not name the owner'}; the first "
        f"{'goes on' if works else 'ended'}"
    )
    passed = seconds <= LEAVES_S and second.returncode == 1 and named and works
    return Measurement(figure, passed, {"seconds": seconds, "stderr": second.stderr[-500:]})


def _wait_for(place: Path) -> None:
    end = time.monotonic() + 60
    while not list(place.glob("seed-*/tuning/*/state.json")):
        if time.monotonic() > end:
            raise RuntimeError("the first training wrote no checkpoint")
        time.sleep(0.05)


def _weak(bench: Bench) -> list[str]:
    module = ["qualification.weakened", ",".join(bench.weakened)] if bench.weakened else ["burnish"]
    return [sys.executable, "-m", *module]


def _trainings(
    bench: Bench, what: str, *rest: str, prefix: list[str] | None = None
) -> dict[str, Any]:
    folder = bench.folder / what
    folder.mkdir()
    command = [
        *(prefix or []),
        *(sys.executable, "-m", "qualification.trainings", what, str(folder), *rest),
        *([",".join(bench.weakened)] if bench.weakened else []),
    ]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=7200, check=False
    )
    if done.returncode != 0:
        raise RuntimeError(done.stderr[-1500:])
    found: dict[str, Any] = json.loads(done.stdout)
    return found


ROWS = (
    Row(
        name="kill-training",
        test="kill -9 in training x 200",
        anchor="Trainer resumes from half a checkpoint",
        bar="200/200 resume; final weights bit-equal to an uninterrupted run",
        measure=measure_kills,
        guards=("weights-alone",),
        timed=False,
    ),
    Row(
        name="stop-training",
        test="SIGTERM in training x 20",
        anchor="none",
        bar="a checkpoint, exit 143; resumed, bit-equal to an uninterrupted run",
        measure=measure_stops,
        guards=("deaf",),
        timed=False,
    ),
    Row(
        name="disk-full",
        test="disk full at a checkpoint",
        anchor="none",
        bar="clear error, last good checkpoint valid",
        measure=measure_disk,
        guards=("in-place",),
        timed=False,
    ),
    Row(
        name="train-twice",
        test="two trainings, one directory",
        anchor="none",
        bar="the second leaves within 1 s and names the owner",
        measure=measure_twice,
        guards=("no-lock",),
    ),
)
