"""Trainers side by side: each learns the same rows in a process of its own, one after the other.

What is compared is the time to the same validation score: the best that both of two reached.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["Score", "Trainer", "median_ratio", "race", "time_to"]

SCRIPTS = Path(__file__).parent / "scripts"
WITHIN_S = 3600.0


@dataclass(frozen=True, slots=True)
class Score:
    """A validation score, and the time from the first row read until it was known."""

    score: float
    wall_s: float
    cpu_s: float
    """Of all threads: on a machine that others use too, the steadier of the two."""


@dataclass(frozen=True, slots=True)
class Trainer:
    """A subject of the race."""

    name: str
    script: str
    python: Path
    options: Mapping[str, Any]


def race(trainer: Trainer, task: Mapping[str, Any]) -> tuple[Score, ...]:
    """Let a trainer learn; its scores in their order.

    Args:
        trainer: who.
        task: keys that every script takes: task, model, train, validation, threads, epochs,
            batch_size.

    Raises:
        RuntimeError: the script failed; holds the end of what it said.
    """
    threads = str(task["threads"])
    offline = {"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false", "WANDB_MODE": "disabled"}
    environment = {
        **os.environ,
        **offline,
        "OMP_NUM_THREADS": threads,
        "OMP_WAIT_POLICY": "PASSIVE",
    }
    done = subprocess.run(
        [
            str(trainer.python),
            str(SCRIPTS / trainer.script),
            json.dumps({**task, **trainer.options}),
        ],
        capture_output=True,
        text=True,
        env=environment,
        timeout=WITHIN_S,
    )
    if done.returncode:
        raise RuntimeError(f"{trainer.name} failed: {done.stderr[-2000:]}")
    lines = [line for line in done.stdout.splitlines() if line.startswith('{"score"')]
    return tuple(Score(**json.loads(line)) for line in lines)


def time_to(scores: Sequence[Score], target: float) -> Score | None:
    """The first score that reaches a target."""
    return next((one for one in scores if one.score >= target), None)


def median_ratio(
    ours: Sequence[Sequence[Score]], theirs: Sequence[Sequence[Score]]
) -> dict[str, float]:
    """How many times longer they took than we, over rounds, to the best score that both reached."""
    ratios: dict[str, list[float]] = {"score": [], "wall": [], "cpu": []}
    for one, other in zip(ours, theirs, strict=True):
        target = min(max(each.score for each in part) for part in (one, other))
        mine, peers = time_to(one, target), time_to(other, target)
        assert mine is not None
        assert peers is not None
        ratios["score"].append(target)
        ratios["wall"].append(peers.wall_s / mine.wall_s)
        ratios["cpu"].append(peers.cpu_s / mine.cpu_s)
    return {name: sorted(values)[len(values) // 2] for name, values in ratios.items()}
