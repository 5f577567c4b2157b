"""Trainings that are killed, stopped and starved: ``python -m qualification.trainings WHAT …``.

::

    kill FOLDER COUNT [GUARDS]   kill -9 at random moments, and go on
    stop FOLDER COUNT [GUARDS]   SIGTERM at random moments, and go on
    disk FOLDER [GUARDS]         in FOLDER, a tmpfs of its own mount namespace, the room ends

Each prints one line of JSON. A training is a process: a fork of this one, which has imported torch
already, so that a signal comes while it works and not while it imports.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import torch

from burnish.cli import main as burnish
from burnish.lock import LOCK, training_place
from burnish.training.checkpointing.snapshot import DamagedError, read_snapshot
from qualification.training_recipes import write_recipes
from qualification.weakened import weaken
from tests.training.sameness import differing

__all__: list[str] = []

_GOING_ON = "resuming after step"
_ATTEMPTS = 60
"""More for one training, and it makes no progress."""


def _train(recipe: Path, run: Path, notes: Path) -> int:
    """Start a training; its process id."""
    pid = os.fork()
    if pid:
        return pid
    code = 70
    try:
        with notes.open("a") as stream:
            os.dup2(stream.fileno(), 1)
            os.dup2(stream.fileno(), 2)
        code = burnish(["train", str(recipe), f"output={run}"])
    finally:
        os._exit(code)


def _wait(pid: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def _signal_after(pid: int, seconds: float, number: signal.Signals) -> int:
    """Send a signal unless the process ends before; its exit code."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found, status = os.waitpid(pid, os.WNOHANG)
        if found:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.001)
    os.kill(pid, number)
    return _wait(pid)


def _wait_for(is_there: Callable[[], object], pid: int) -> None:
    """Until something is there, or the training has ended."""
    while not is_there() and os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
        time.sleep(0.001)


def _reference(recipe: Path, folder: Path) -> tuple[Path, float]:
    """An uninterrupted run, and how long it takes."""
    run = folder / f"reference-{recipe.stem}"
    begin = time.monotonic()
    code = _wait(_train(recipe, run, folder / "reference.txt"))
    if code:
        raise SystemExit(f"{recipe.stem}: {(folder / 'reference.txt').read_text()[-1500:]}")
    return run, time.monotonic() - begin


def _interrupt(folder: Path, count: int, number: signal.Signals) -> dict[str, Any]:
    """Interrupt trainings until ``count`` signals were sent, and let each go on to its end.

    A training is met first with a checkpoint just behind it, however slow the machine is at that
    time, so that each has something to go on from; then at random moments after its beginning:
    before, there is nothing to interrupt.
    """
    rng, sent, good, notes = random.Random(count), 0, 0, ""
    ends: list[dict[str, Any]] = []
    recipes = write_recipes(folder)
    references = {recipe: _reference(recipe, folder) for recipe in recipes}
    expected = -number if number == signal.SIGKILL else 128 + number
    while sent < count:
        recipe = recipes[len(ends) % len(recipes)]
        run = folder / f"run-{len(ends)}"
        told = folder / f"run-{len(ends)}.txt"
        reference, seconds = references[recipe]
        place, here, code = training_place(run), 0, -1
        for attempt in range(_ATTEMPTS):
            pid = _train(recipe, run, told)
            if sent + here < count:
                _wait_for((place / LOCK).exists if attempt else partial(_whole, place), pid)
                code = _signal_after(pid, rng.uniform(0, seconds) if attempt else 0, number)
            else:
                code = _wait(pid)
            done = (run / "record.json").exists() and not (place / "finished.json").exists()
            if done and code in (expected, -number):
                here, code = here + 1, 0  # all was done, but for its last words
            if code != expected:
                here += code != 0  # the signal that it did not bear
                break
            here += 1
        found = ["an error"] if code else differing(reference, run)
        ends.append({"recipe": recipe.stem, "signals": here, "code": code, "differing": found})
        sent, good = sent + here, good + (0 if found else here)
        print(f"{good}/{sent} in {len(ends)} trainings", file=sys.stderr, flush=True)
        notes += told.read_text()
    return {
        "sent": sent,
        "good": good,
        "trainings": len(ends),
        "equal": sum(not end["differing"] for end in ends),
        "going_on": notes.count(_GOING_ON),
        "reference_s": {recipe.stem: round(s, 2) for recipe, (_, s) in references.items()},
        "bad": [end for end in ends if end["differing"]][:5],
        "notes": "" if good == sent else notes[-1500:],
    }


def _starve(folder: Path) -> dict[str, Any]:
    """Take the room away behind a checkpoint, and give it back."""
    _mount(folder, "64m")
    recipe = write_recipes(folder)[-1]
    reference, seconds = _reference(recipe, folder)
    run, told = folder / "run", folder / "run.txt"
    place = training_place(run)
    pid = _train(recipe, run, told)
    while not _whole(place):
        time.sleep(0.005)
    os.kill(pid, signal.SIGKILL)
    _wait(pid)
    before = _whole(place)
    size = sum(path.stat().st_size for path in before[-1].iterdir())
    usage = os.statvfs(folder)
    used = (usage.f_blocks - usage.f_bfree) * usage.f_frsize
    _mount(folder, str(used + 3 * size // 2), "remount,")
    told.write_text("")
    code = _wait(_train(recipe, run, told))
    message, kept = told.read_text(), _whole(place)
    _mount(folder, "64m", "remount,")
    again = _wait(_train(recipe, run, told))
    return {
        "code": code,
        "clear": "No space left on device; the last checkpoint is kept" in message,
        "valid": bool(kept) and kept[-1].name >= before[-1].name,
        "again": again,
        "differing": ["an error"] if again else differing(reference, run),
        "seconds": round(seconds, 2),
        "message": message[-1500:],
    }


def _mount(folder: Path, size: str, how: str = "") -> None:
    command = ["mount", "-t", "tmpfs", "-o", f"{how}size={size}", "tmpfs", str(folder)]
    subprocess.run(command, check=True, capture_output=True)


def _whole(place: Path) -> list[Path]:
    """The whole checkpoints of a place, by step."""
    found = []
    for state in place.glob("seed-*/tuning/[!.]*/state.json"):
        try:
            read_snapshot(state.parent)
        except DamagedError:
            continue
        found.append(state.parent)
    return sorted(found, key=lambda path: path.name)


def main(what: str, folder: Path, *rest: str) -> int:
    """Do one of them."""
    folder.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    doing: dict[str, Callable[[], dict[str, Any]]] = {
        "kill": lambda: _interrupt(folder, int(rest[0]), signal.SIGKILL),
        "stop": lambda: _interrupt(folder, int(rest[0]), signal.SIGTERM),
        "disk": lambda: _starve(folder),
    }
    guards = rest[0 if what == "disk" else 1 :]
    if guards:
        weaken(guards[0].split(","))
    print(json.dumps(doing[what]()), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2]).absolute(), *sys.argv[3:]))
