"""Contenders on draws: each in a process of its own, its result kept, so that a run goes on.

What is kept is not measured again.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.peers.environments import ready_environment
from burnish.torch_models.base import resolve_base

from .credit import row_credits, score
from .draws import draw, read
from .kept import Outcome, keep, load, pack
from .sets import LabelledSet

__all__ = ["CONTENDERS", "Contender", "Place", "run"]

SCRIPTS = Path(__file__).parent / "contenders"
SETFIT = Path(__file__).parents[1] / "trainers" / "requirements" / "setfit.txt"
SPACY = Path(__file__).parent / "requirements" / "spacy.txt"
ENVIRONMENTS = Path(".cache/venvs/accuracy")
LABELS, ENTITIES, ANSWERS = ("label", "labels"), ("entities",), ("answers",)


@dataclass(frozen=True, slots=True)
class Contender:
    """A program that learns a draw's rows and answers the test rows."""

    name: str
    script: str
    answers: tuple[str, ...]
    """The forms of answers that it gives."""
    most_rows: int | None = None
    """Rows beyond which it would take too long."""
    requirements: Path | None = None
    """Of an environment of its own, which is built once; burnish's where there are none."""


CONTENDERS = {
    each.name: each
    for each in (
        Contender("burnish", "burnish_default.py", LABELS + ENTITIES + ANSWERS),
        Contender("TF-IDF", "tfidf.py", LABELS),
        Contender("probe", "probe.py", LABELS),
        Contender("Trainer", "plain.py", LABELS + ENTITIES, most_rows=1000),
        Contender("SetFit", "setfit_pairs.py", ("label",), 1000, SETFIT),
        Contender("spaCy", "spacy_scratch.py", LABELS + ENTITIES, None, SPACY),
    )
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where results are kept, and how contenders run."""

    results: Path
    base: str = "minilm"
    threads: int = 2
    options: Mapping[str, str] | None = None
    """Variables of the environment; their results are kept under another name."""
    label: str = ""
    """Added to a contender's name: what the options change."""

    def path(self, draw_name: str, contender: str) -> Path:
        """The file of a result."""
        base = Path(self.base).name
        return self.results / f"{draw_name}-{contender}{self.label}-{base}.json"


def run(
    place: Place, contender: Contender, labelled: LabelledSet, rows: int | None, seed: int
) -> Outcome | None:
    """Measure, unless it was; None where the contender cannot answer or would take too long.

    Raises:
        RuntimeError: the program failed; holds the end of what it said.
    """
    beyond = contender.most_rows is not None and (rows is None or rows > contender.most_rows)
    if labelled.answer not in contender.answers or beyond:
        return None
    path = place.path(f"{labelled.name}-{rows or 'all'}-{seed}", contender.name)
    if path.exists():
        return load(path)
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        draw(labelled, rows, seed, directory)
        given = {
            "directory": name,
            "task": labelled.task,
            "answer": labelled.answer,
            "base": str(resolve_base(place.base).path),
            "threads": place.threads,
            "seed": seed,
        }
        wall, cpu, document = _measured(place, contender, given)
        each = row_credits(labelled, read(directory / "test.jsonl"), document["said"])
    outcome = Outcome(
        set=labelled.name,
        rows=rows,
        seed=seed,
        contender=contender.name + place.label,
        base=Path(place.base).name,
        score=round(score(each), 4),
        credits=pack(each),
        chosen=document["chosen"],
        wall_s=round(wall, 1),
        cpu_s=round(cpu, 1),
        commit=_commit(),
    )
    keep(path, outcome)
    return outcome


def _commit() -> str:
    """burnish's, with a + where files were changed since."""
    names = ["git", "describe", "--always", "--abbrev=12", "--exclude=*", "--dirty=+"]
    done = subprocess.run(names, cwd=SCRIPTS, capture_output=True, text=True, check=False)
    return done.stdout.strip()


def _measured(
    place: Place, contender: Contender, given: Mapping[str, Any]
) -> tuple[float, float, dict[str, Any]]:
    """Wall and processor seconds, and the document that the program printed."""
    offline = {"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}
    threads = {"OMP_NUM_THREADS": str(place.threads)}
    wall, cpu = time.perf_counter(), _children_s()
    done = subprocess.run(
        _command(contender, given),
        capture_output=True,
        text=True,
        env={**os.environ, **offline, **threads, **(place.options or {})},
        check=False,
    )
    wall, cpu = time.perf_counter() - wall, _children_s() - cpu
    if done.returncode:
        raise RuntimeError(f"{contender.name}: {done.stderr[-2000:]}")
    document: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return wall, cpu, document


def _command(contender: Contender, given: Mapping[str, Any]) -> Sequence[str]:
    return [_python(contender), str(SCRIPTS / contender.script), json.dumps(given)]


def _python(contender: Contender) -> str:
    if contender.requirements is None:
        return sys.executable
    found = ready_environment(
        contender.requirements.stem,
        ENVIRONMENTS,
        lambda text: print(text, file=sys.stderr),
        requirements=contender.requirements,
    )
    if found.failure is not None:
        raise RuntimeError(f"{contender.name}: {found.failure}")
    return str(found.python.absolute())


def _children_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
