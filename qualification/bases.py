"""Base models that would run code, lead elsewhere, or are not whole."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

from qualification.bench import Bench
from qualification.rows import Measurement, Row
from qualification.servers import ROOT

__all__ = ["ROWS"]


def measure_bases(bench: Bench) -> Measurement:
    """Resolve and build hostile bases in a process of their own."""
    command = [
        *(sys.executable, "-m", "qualification.hostile_bases", str(bench.folder)),
        *([",".join(bench.weakened)] if bench.weakened else []),
    ]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=900, check=False
    )
    if done.returncode != 0:
        raise RuntimeError(done.stderr[-1500:])
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    figure = (
        f"{found['refused']}/{found['sent']} are a BaseModelError; torch.load opened "
        f"{found['unpickled']} files; the plain base "
        f"{'is loaded' if found['plain'] else 'is refused too'}"
    )
    passed = found["refused"] == found["sent"] and not found["unpickled"] and found["plain"]
    return Measurement(figure, passed, found)


ROWS = (
    Row(
        name="hostile-bases",
        test="base models with pickles behind an index, links that lead out, pipes, torn or absurd "
        "files",
        anchor="transformers 4.57 loads a pickle that an index names, with use_safetensors=True",
        bar="each is a BaseModelError before anything is loaded; 0 calls of torch.load",
        measure=measure_bases,
        guards=("trusted-base",),
        timed=False,
    ),
)
